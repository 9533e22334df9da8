export type Labels = Readonly<Record<string, string>>

/** An alert as the stand-in holds it. Times are ms since the epoch. */
export interface HeldAlert {
  readonly labels: Labels
  readonly annotations: Labels
  readonly startsAt: number
  readonly endsAt?: number
}

const FNV_OFFSET = 14_695_981_039_346_656_037n
const FNV_PRIME = 1_099_511_628_211n

/** As Prometheus' own: FNV-1a over names and values in order of names, each followed by a byte that no text has. */
export function fingerprint(labels: Labels): string {
  const separator = Buffer.from([0xff])
  const sorted = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1))
  const bytes = Buffer.concat(sorted.flatMap((pair) => pair.flatMap((text) => [Buffer.from(text), separator])))
  let hash = FNV_OFFSET
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME)
  return hash.toString(16).padStart(16, '0')
}

export interface GroupOfAlerts {
  readonly groupLabels: Labels
  readonly alerts: readonly HeldAlert[]
  readonly truncatedAlerts: number
}

/** The body of one notification. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
export function payload(receiver: string, { groupLabels, alerts, truncatedAlerts }: GroupOfAlerts) {
  const status = alerts.some(({ endsAt }) => endsAt === undefined) ? 'firing' : 'resolved'
  return {
    receiver,
    status,
    alerts: alerts.map(({ labels, annotations, startsAt, endsAt }) => ({
      status: endsAt === undefined ? 'firing' : 'resolved',
      labels,
      annotations,
      // Go writes nanoseconds, and the zero time for "not yet".
      startsAt: new Date(startsAt).toISOString().replace('Z', '000001Z'),
      endsAt: endsAt === undefined ? '0001-01-01T00:00:00Z' : new Date(endsAt).toISOString(),
      generatorURL: `http://prometheus.example:9090/graph?g0.expr=${encodeURIComponent(labels.alertname ?? '')}&g0.tab=1`,
      fingerprint: fingerprint(labels),
    })),
    groupLabels,
    commonLabels: shared(alerts.map(({ labels }) => labels)),
    commonAnnotations: shared(alerts.map(({ annotations }) => annotations)),
    externalURL: 'http://alertmanager.example:9093',
    version: '4',
    groupKey: `{}:{${Object.entries(groupLabels)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(', ')}}`,
    truncatedAlerts,
  }
}

function shared([first = {}, ...others]: readonly Labels[]): Labels {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  )
}
