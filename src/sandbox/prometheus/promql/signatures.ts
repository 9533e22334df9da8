export type ValueType = 'scalar' | 'instant vector' | 'range vector' | 'string'

export interface Signature {
  readonly args: readonly ValueType[]
  /** How many arguments at the end may be left out. */
  readonly optional: number
  readonly returns: ValueType
}

const overTime: Signature = { args: ['range vector'], optional: 0, returns: 'instant vector' }
const perSample: Signature = { args: ['instant vector'], optional: 0, returns: 'instant vector' }
const clamp: Signature = { args: ['instant vector', 'scalar'], optional: 0, returns: 'instant vector' }

/** The functions this stand-in evaluates (https://prometheus.io/docs/prometheus/latest/querying/functions/). */
export const signatures: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ...['rate', 'irate', 'increase', 'delta', 'idelta', 'deriv', 'changes', 'resets'].map(
    (name) => [name, overTime] as const,
  ),
  ...['max', 'min', 'avg', 'sum', 'count', 'last', 'stddev', 'present'].map(
    (name) => [`${name}_over_time`, overTime] as const,
  ),
  ...['abs', 'ceil', 'floor', 'absent', 'timestamp', 'sort', 'sort_desc'].map((name) => [name, perSample] as const),
  ['quantile_over_time', { args: ['scalar', 'range vector'], optional: 0, returns: 'instant vector' }],
  ['predict_linear', { args: ['range vector', 'scalar'], optional: 0, returns: 'instant vector' }],
  ['round', { args: ['instant vector', 'scalar'], optional: 1, returns: 'instant vector' }],
  ['clamp_min', clamp],
  ['clamp_max', clamp],
  ['time', { args: [], optional: 0, returns: 'scalar' }],
  ['vector', { args: ['scalar'], optional: 0, returns: 'instant vector' }],
  ['scalar', { args: ['instant vector'], optional: 0, returns: 'scalar' }],
  ['histogram_quantile', { args: ['scalar', 'instant vector'], optional: 0, returns: 'instant vector' }],
  [
    'label_replace',
    { args: ['instant vector', 'string', 'string', 'string', 'string'], optional: 0, returns: 'instant vector' },
  ],
])
