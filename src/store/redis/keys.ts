/** What an incident is listed under. */
export type Listing = 'open' | 'resolved'

/**
 * Every key of the store: what is in it, and how long it stays. All share one hash tag, so that in a Cluster they lie on one server and one script
 * can change several. None has a time to live: what goes away does so in the same script that makes it needless.
 */
export interface Keys {
  /** What every key begins with. */
  readonly everything: string
  /** String: version of this layout; while records are imported, the word for that and a name of who does it, so that nobody starts on half of them. */
  readonly schema: string
  /** String: the last number given out, for sequences in inboxes and for tickets. Only grows. */
  readonly counter: string
  /** Sorted set: deduplication keys by when they were seen (ms since the epoch), until they are forgotten. */
  readonly seen: string
  /** List: "sequence|receivedAt|event as JSON" of each unconsumed event in order. Gone while empty. */
  readonly inbox: (incidentId: string) => string
  /** String: how many events are in all inboxes. */
  readonly inboxSize: string
  /** Hash: the id of the incident that each incident has joined, until that one is resolved and this is forgotten like deduplication keys. */
  readonly joined: string
  /** Sorted set: ids of incidents that have joined another, by when they did. */
  readonly joinedAt: string
  /** Hash: the id of the incident that leads each group. */
  readonly leader: string
  /** Sorted set: groups by when nothing joins them any more. */
  readonly leadsUntil: string
  /** Set: the groups that an incident leads, or led, until it is resolved. */
  readonly led: (incidentId: string) => string
  /** Hash: `version`, `record` (JSON, packed where it is long), and what it is listed under: `service` (absent where it has none) and `listing`. Kept for good. */
  readonly incident: (id: string) => string
  /** Sorted set without scores: ids of all incidents, in their order. */
  readonly incidentIds: string
  /** Sorted set: ids of incidents by when they were opened; of every service, or of one. */
  readonly listed: (listing: Listing, service: string | undefined) => string
  /** List: the entries as JSON, with number and hashes, in order. Only grows. */
  readonly timeline: (incidentId: string) => string
  /** Sorted set: keys by when they are due, until they are settled. */
  readonly due: string
  /** Hash: the ticket of each key that is due. */
  readonly tickets: string
  /** Hash: `owner`, `fence`, `expiresAt`, until it is released. */
  readonly lease: (key: string) => string
  /** String: the last fence given out, of all keys; also where the records were before. Only grows. */
  readonly fences: string
  /** Hash: deliveries of one incident as JSON, by their key. Kept for good. */
  readonly deliveries: (incidentId: string) => string
  /** Hash: all freezes as JSON, by id. Kept for good. */
  readonly freezes: string
  /** Sorted set: ids of freezes that were not lifted, by when they end. */
  readonly holding: string
  /** Hash: settings by name. */
  readonly settings: string
  /** String: counts probes. */
  readonly probe: string
}

/** `prefix` is the hash tag: incbots with different ones share a Redis and know nothing of each other. */
export function keysOf(prefix: string): Keys {
  const key = (name: string): string => `{${prefix}}:store:${name}`
  const keyOf = (name: string) => (part: string) => key(`${name}:${part}`)
  return {
    everything: key(''),
    schema: key('schema'),
    counter: key('counter'),
    seen: key('seen'),
    inbox: keyOf('inbox'),
    inboxSize: key('inbox-size'),
    joined: key('joined'),
    joinedAt: key('joined-at'),
    leader: key('leader'),
    leadsUntil: key('leads-until'),
    led: keyOf('led'),
    incident: keyOf('incident'),
    incidentIds: key('incident-ids'),
    listed: (listing, service) => key(service === undefined ? `listed:${listing}` : `listed:${listing}:${service}`),
    timeline: keyOf('timeline'),
    due: key('due'),
    tickets: key('tickets'),
    lease: keyOf('lease'),
    fences: key('fences'),
    deliveries: keyOf('deliveries'),
    freezes: key('freezes'),
    holding: key('holding'),
    settings: key('settings'),
    probe: key('probe'),
  }
}
