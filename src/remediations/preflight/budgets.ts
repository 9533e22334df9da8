import type { Budget } from '../cluster.ts'
import { describe } from '../words.ts'
import type { Looked, Question } from './ask.ts'
import { caution, impossible, passed } from './ask.ts'

const what = 'disruption budgets'

/** A rollout deletes pods without asking their budgets; whoever wrote one should know that. */
export const budgetsBesideRollout: Question = {
  what,
  async look({ observer, workload, signal }) {
    const budgets = await observer().budgets(workload, signal)
    const spent = budgets.filter(isSpent)
    if (spent.length === 0) return withRoom(budgets)
    return caution(
      `${spent.map(inWords).join(' ')} A rolling restart does not ask disruption budgets, so it would go on all the same.`,
    )
  },
}

/** An eviction asks the budget, and is refused while nothing is to spare. */
export const budgetsForEvictions: Question = {
  what,
  async look({ observer, workload, signal }) {
    const budgets = await observer().budgets(workload, signal)
    if (budgets.length > 1)
      return impossible(
        `${budgets.length} disruption budgets select the pods of ${describe(workload)} (${budgets.map(({ name }) => name).join(', ')}), and Kubernetes evicts no pod that has more than one.`,
        'Leave one of them.',
      )
    const spent = budgets.find(isSpent)
    if (spent === undefined) return withRoom(budgets)
    return impossible(
      `${inWords(spent)} Every eviction would be refused.`,
      `Wait until more pods are healthy, or let the budget ${spent.name} spare one.`,
    )
  },
}

function withRoom(budgets: readonly Budget[]): Looked {
  if (budgets.length === 0) return passed('No disruption budget selects its pods.')
  return passed(
    budgets
      .map(({ name, disruptionsAllowed }) => `The disruption budget ${name} allows ${disruptionsAllowed} now.`)
      .join(' '),
  )
}

const isSpent = ({ disruptionsAllowed }: Budget): boolean => disruptionsAllowed <= 0

function inWords({ name, currentHealthy, desiredHealthy }: Budget): string {
  return `The disruption budget ${name} has nothing to spare: ${currentHealthy} pods are healthy and ${desiredHealthy} are needed.`
}
