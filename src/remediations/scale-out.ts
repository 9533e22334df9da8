import { followScaleOut } from './follow-scale-out.ts'
import { planScaleOut } from './plan-scale-out.ts'
import { planEach } from './planning.ts'
import { recordPods } from './recorded-pods.ts'
import { defineRemediation } from './remediation.ts'
import { scaleParameters } from './scale-record.ts'
import { setSize, sizeChange, sizeInWords, sizeNow, sizeSet, wayBack } from './scale-target.ts'
import { plannedWorkload, voidBecause } from './target.ts'
import { sentence } from './words.ts'

/** Adds pods for a surge: raises the minimum of the autoscaler that sets the workload's size, or else the number of replicas itself. */
export const scaleOut = defineRemediation({
  kind: 'scale-out',
  title: 'Scale out',
  verify: true,
  restarts: false,
  parameters: scaleParameters,

  plan: (context, parameters) => planEach(context, parameters.only, (planning) => planScaleOut(planning, parameters)),

  async changed(context, plan) {
    const why = sizeChange(plan, await sizeNow(context, plan))
    return why && voidBecause(why)
  },

  /** May be repeated: it sets a number, and the same number again changes nothing. */
  async execute(context, plan) {
    const { workload, observer } = plannedWorkload(context, plan)
    const pods = await observer().pods(workload, context.signal)
    const result = await setSize(context, plan)
    return 'void' in result ? result : { effect: { startedAt: context.now(), pods: recordPods(pods) } }
  },

  follow: followScaleOut,

  /** There is nothing to stop: the number is set, and Kubernetes starts the pods. */
  async halt(context, plan, _effect, reason) {
    const size = await sizeNow(context, plan)
    const stays = 'What was added stays, because incbot never takes pods away.'
    const text = `Stopped: ${sentence(reason)} ${stays} ${sizeInWords(size)} To go back: ${wayBack(size)}`
    return { outcome: { result: 'halted', text }, offers: [] }
  },

  async inspect(context, plan) {
    const size = await sizeNow(context, plan)
    const happened = (sizeSet(size) ?? 0) >= size.scale.to
    const so = happened ? 'So it did happen, or somebody else did the same.' : 'So it probably did not happen.'
    return `What can be seen: ${sizeInWords(size)} ${so}`
  },
})
