/**
 * What a chart shows, without a word about how it is drawn. A check describes it, `slack/chart` renders it.
 * Times are milliseconds since the epoch; values carry the unit that `unit` names.
 */
export interface Chart {
  /** What is shown, of which service: "inference memory (prod)". */
  readonly title: string
  /** The conclusion in one line, with its numbers. */
  readonly subtitle: string
  /** The same for someone who cannot see the picture; Slack allows 1,000 characters. */
  readonly altText: string
  readonly unit: 'bytes' | 'count'
  /** How bytes are written; ignored for counts. */
  readonly byteUnits: ByteUnits
  /** Where its readers are, an IANA time zone: local times then stand below those in UTC. */
  readonly timeZone?: string
  readonly from: number
  /** End of the time axis; later than `now` where there is a forecast. */
  readonly to: number
  readonly now: number
  readonly lines: readonly ChartLine[]
  /** What the lines are, in the plural, so that the unnamed ones can be summed up: "pods" gives "4 other pods". */
  readonly linesAre?: string
  /** Horizontal lines such as the limit; the label is drawn on the line. */
  readonly thresholds: readonly { readonly label: string; readonly value: number }[]
  /** Moments such as deploys and restarts; many deploys are thinned out by the renderer, which then says how many there were. */
  readonly markers: readonly { readonly kind: 'deploy' | 'restart'; readonly at: number; readonly label: string }[]
  readonly forecast?: ChartForecast
}

export interface ChartLine {
  readonly name: string
  /** The subject is drawn in colour and named; the others are context, in grey. */
  readonly role: 'subject' | 'other'
  /** Ascending in time; a gap is `undefined`. */
  readonly points: readonly (readonly [at: number, value: number | undefined])[]
}

/** A straight projection from (`now`, `value`) with the band in which it is expected to stay at the end of the axis. */
export interface ChartForecast {
  readonly value: number
  readonly atEnd: number
  readonly low: number
  readonly high: number
}

/** `decimal`: 32 GB is 32e9 bytes, as people write disk and model sizes. `binary`: 32 GiB is 32·2^30, as Kubernetes counts. */
export type ByteUnits = 'decimal' | 'binary'
