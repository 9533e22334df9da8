const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
}

/** A Kubernetes quantity such as "32Gi", "5557452Ki" or "1e9" in units; undefined where it is none (kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity). */
export function parseQuantity(text: string | undefined): number | undefined {
  const parts = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text ?? '')
  const factor = SUFFIXES[parts?.[2] ?? '']
  const amount = Number(parts?.[1])
  return parts === null || factor === undefined || Number.isNaN(amount) ? undefined : amount * factor
}
