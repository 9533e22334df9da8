import { z } from 'zod'
import { defineDataSource, SourceError } from './datasource.ts'

/** PagerDuty's change events of the service: what CI and CD systems report to it. */
export const pagerdutyChanges = defineDataSource({
  type: 'pagerduty-changes',
  offers: ['deploys'],
  config: z.strictObject({}),
  open: (name, _settings, deps) => ({
    name,
    type: 'pagerduty-changes',
    deploys: {
      async deploys(service, window, signal) {
        const ask = deps.changeEvents
        if (ask === undefined) throw new SourceError('not-configured', name, 'Change events need PAGERDUTY_API_TOKEN.')
        const perService = await Promise.all(
          service.pagerdutyServiceIds.map((id) => ask(id, window.from, window.to, signal)),
        )
        return {
          value: perService.flat().sort((a, b) => a.at - b.at),
          query: `change events of ${service.pagerdutyServiceIds.join(', ')}`,
          asOf: deps.now(),
          warnings: [],
        }
      },
    },
    probe: async () => {
      if (deps.changeEvents === undefined)
        throw new SourceError('not-configured', name, 'Change events need PAGERDUTY_API_TOKEN.')
    },
  }),
})
