import { oneLine } from './text.ts'

const MAX_ENTRIES = 60
const MAX_NAME = 100
const MAX_VALUE = 1000

/** The scalar members of a JSON object as bounded text; everything else is left out. */
export function scalarsIn(json: unknown): Readonly<Record<string, string>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return {}
  const entries = Object.entries(json).slice(0, MAX_ENTRIES)
  return Object.fromEntries(
    entries
      .filter(([name, value]) => name !== '__proto__' && ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => [oneLine(name, MAX_NAME), oneLine(String(value), MAX_VALUE)]),
  )
}

/**
 * The labels of the alert's source: `details.labels` where a monitor sends them as an object, or those that all alerts
 * share in the text that Alertmanager's default template puts into `details.firing`. Empty where there are none.
 */
export function labelsIn(details: unknown): Readonly<Record<string, string>> {
  if (typeof details !== 'object' || details === null) return {}
  if ('labels' in details && typeof details.labels === 'object') return scalarsIn(details.labels)
  return 'firing' in details && typeof details.firing === 'string' ? sharedLabels(details.firing) : {}
}

/** Alertmanager writes, for each alert, "Labels:", lines of " - name = value", "Annotations:" and so on. */
function sharedLabels(firing: string): Readonly<Record<string, string>> {
  const alerts = firing
    .slice(0, 100_000)
    .split(/^Labels:\n/m)
    .slice(1)
    .map(labelLines)
  const [first, ...others] = alerts
  if (!first) return {}
  const shared = [...first].filter(([name, value]) => others.every((other) => other.get(name) === value))
  return scalarsIn(Object.fromEntries(shared))
}

/** The lines up to the first that is no label, where the annotations begin. */
function labelLines(section: string): Map<string, string> {
  const labels = new Map<string, string>()
  for (const text of section.split('\n')) {
    const [, name, value] = /^[ \t]*- (\w+) = (.*)$/.exec(text) ?? []
    if (name === undefined || value === undefined) break
    labels.set(name, value)
  }
  return labels
}
