const FACTORS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ...['k', 'M', 'G', 'T', 'P', 'E'].map((suffix, index) => [suffix, 1000 ** (index + 1)] as const),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index) => [suffix, 1024 ** (index + 1)] as const),
])

/** A Kubernetes quantity such as "32Gi", "5557452Ki" or "1e9" in units; undefined where it is none (kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity). */
export function parseQuantity(text: string | undefined): number | undefined {
  const parts = /^([+-]?(?:\d+\.?\d*|\.\d+))([eE][+-]?\d+|[a-zA-Z]*)$/.exec(text ?? '')
  if (parts === null) return undefined
  const [, digits = '', suffix = ''] = parts
  // "1e3" is an exponent, "1E" is exa.
  if (/\d/.test(suffix)) return Number(digits + suffix)
  const factor = FACTORS.get(suffix)
  return factor === undefined ? undefined : Number(digits) * factor
}
