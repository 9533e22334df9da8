import fc from 'fast-check'

const selectors = [
  'memory_bytes',
  'memory_limit_bytes',
  'requests_total',
  'requests_total{code="500"}',
  'memory_bytes{pod=~"a|b"}',
  'gap',
  'nan_sometimes',
  'ends_early',
  'slow_counter',
  'negative',
  'pod_info',
]
const rangeFunctions = ['rate', 'increase', 'delta', 'irate', 'idelta', 'deriv', 'changes', 'resets'].concat(
  ['max', 'min', 'avg', 'sum', 'count', 'last', 'present'].map((name) => `${name}_over_time`),
)
const operators = ['+', '-', '*', '/', '>', '<', '>=', '>bool', '<=bool', 'and', 'or', 'unless']
const groupings = ['', ' by (pod)', ' by (service)', ' without (pod, node)', ' by (missing)']
const modifiers = ['', '', ' offset 3m', ' offset -90s', ' @ 1700003000', ' @ end() offset 1m']
const durations = ['30s', '1m', '5m', '17m', '1h']

/** Well-formed instant vector expressions over the compared samples, nested a few levels deep. */
export const vectorExpression: fc.Arbitrary<string> = fc.letrec<{ vector: string }>((tie) => {
  const vector = tie('vector')
  const selector = fc.constantFrom(...selectors)
  const modifier = fc.constantFrom(...modifiers)
  const duration = fc.constantFrom(...durations)
  const operator = fc.constantFrom(...operators)
  return {
    vector: fc.oneof(
      { depthSize: 'small', maxDepth: 4, withCrossShrink: true },
      fc.tuple(selector, modifier).map(([name, shift]) => name + shift),
      fc
        .tuple(fc.constantFrom(...rangeFunctions), selector, duration, modifier)
        .map(([name, of, range, shift]) => `${name}(${of}[${range}]${shift})`),
      fc
        .tuple(fc.constantFrom('sum', 'max', 'min', 'avg', 'count', 'group'), fc.constantFrom(...groupings), vector)
        .map(([name, by, of]) => `${name}${by}(${of})`),
      fc
        .tuple(fc.constantFrom('topk', 'bottomk'), fc.integer({ min: 1, max: 9 }), vector)
        .map(([name, k, of]) => `count(${name}(${k}, ${of}))`),
      fc
        .tuple(vector, operator, fc.constantFrom('2', '1e9', 'time()', '-3'))
        .map(([left, sign, right]) =>
          /and|or|unless/.test(sign) ? `${left} ${sign} vector(${right})` : `${left} ${sign} ${right}`,
        ),
      fc
        .tuple(vector, operator, fc.constantFrom('', ' on(pod)', ' ignoring(node)', ' on(service)'), vector)
        .map(([left, sign, on, right]) => `${left} ${sign}${on} ${right}`),
      fc
        .tuple(fc.constantFrom('max', 'min', 'count', 'last'), vector, duration, fc.constantFrom('1m', '45s', '7m', ''))
        .map(([name, of, range, step]) => `${name}_over_time((${of})[${range}:${step}])`),
      vector.map((of) => `-(${of})`),
      vector.map((of) => `abs(${of})`),
    ),
  }
}).vector
