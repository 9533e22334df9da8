/** The fields of a value from outside, each as unknown as the value itself; none where it is not an object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Any object can be read by name; what is found stays unknown.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
