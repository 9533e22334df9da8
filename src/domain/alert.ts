/** One alert as Alertmanager reported it at one moment. Times are ms since the epoch. */
export interface AlertFacts {
  /** Of its labels: the same for as long as they are. */
  readonly fingerprint: string
  readonly status: 'firing' | 'resolved'
  /** One line, for people to read. */
  readonly title: string
  readonly startsAt: number
  /** When it became so: its end, or for one that fires when we heard of it. */
  readonly at: number
  readonly urgency: 'high' | 'low'
  /** Name in the catalogue; absent where no entry claims it. */
  readonly service?: string
  /** What it says that it is about, for people to read. */
  readonly serviceName: string
  /** Where it can be looked at; always http or https. */
  readonly url?: string
  /** Annotations and labels; a label wins over an annotation of the same name. */
  readonly details: Readonly<Record<string, string>>
}

/** Our id of the incident that an alert makes. One that ends and begins again later is another. */
export function alertIncidentId({ fingerprint, startsAt }: Pick<AlertFacts, 'fingerprint' | 'startsAt'>): string {
  return `am-${fingerprint}-${startsAt.toString(36)}`
}
