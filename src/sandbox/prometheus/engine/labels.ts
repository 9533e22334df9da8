/** One label set; an absent label and an empty one are the same to Prometheus, so empty values are never kept. */
export type Labels = Readonly<Record<string, string>>

export const metricName = '__name__'

/** The value of a label, empty when absent. Names such as `constructor` are labels too, hence no plain property access. */
export function labelValue(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''
}

/** A text that two label sets share exactly when they are equal. */
export function labelsKey(labels: Labels): string {
  const names = Object.keys(labels)
  if (names.length > 1) names.sort()
  let key = ''
  for (const name of names) key += `${name}\u0001${labels[name]}\u0002`
  return key
}

export function onlyLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return filtered(labels, (name) => names.has(name))
}

export function withoutLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return filtered(labels, (name) => !names.has(name))
}

export function withoutName(labels: Labels): Labels {
  return Object.hasOwn(labels, metricName) ? filtered(labels, (name) => name !== metricName) : labels
}

/** Sets a label, or removes it when `value` is empty. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const others = filtered(labels, (existing) => existing !== name)
  return value === '' ? others : Object.fromEntries([...Object.entries(others), [name, value]])
}

function filtered(labels: Labels, keep: (name: string) => boolean): Labels {
  // fromEntries makes own properties even of names such as `__proto__`.
  return Object.fromEntries(Object.entries(labels).filter(([name]) => keep(name)))
}
