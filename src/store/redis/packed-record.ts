import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Shorter ones would gain less than their packing costs. */
const PACKED_FROM = 512
/** No JSON of a record begins so. */
const PACKED = 'z:'
/** The fastest: every event of an incident writes its record once more, and the thorough ones save little on top. */
const LEVEL = 1

/** What most records have in common, which they then need not say. Part of the format: another one cannot read what was packed with this. */
const COMMON = Buffer.from(
  '"diagnosis":{"leading":{"id":"","title":"","confidence":0.,"weights":[{"group":"","value":"","ratio":1}]},"conclusion":"","says":[],"ranked":[],' +
    '"ruledOut":[],"unknown":[],"contradictions":[],"now":[],"fix":[],"answered":6,"asked":6},"nothing":"No runbook matches ","related":[],"charts":[{"title":"","subtitle":"","altText":"",' +
    '"unit":"bytes","byteUnits":"binary","from":179,"to":179,"now":179,"lines":[{"name":"","role":"subject","points":[[179,1]]}]}],' +
    '"interval":{"low":0,"high":0}},"severity":"critical","verdict":"unknown","unknown":{"cause":"missing","text":""},"verdict":"problem","severity":"high",' +
    '{"id":"pd-Q","origin":"pagerduty","title":"","service":"","status":"triggered","statusAt":179,"urgency":"high","pagerduty":{"incidentId":"Q",' +
    '"number":1,"url":"https://.pagerduty.com/incidents/Q","serviceId":"P","serviceName":"","escalationPolicyId":"P"},"openedAt":179,"mergedFrom":[],' +
    '"live":true,"investigations":[{"id":"pd-Q-i1","reason":"opened","state":"finished","startedAt":179,"finishedAt":179,"runbook":"","checks":6,' +
    '"findings":[{"id":"","check":"prometheus-query","title":"","verdict":"clear","headline":"","details":[""],"facts":[{"id":"","label":"","value":1,' +
    '"unit":"bytes"},{"id":"","label":"","value":0.,"unit":"share"}],"signals":{},"charts":[],"asked":[{"source":"","query":"","asOf":179,"tookMs":2,' +
    '"warnings":[]}],"tookMs":2}]}],"remediations":[],"refusals":[]}',
)

/** The text of a record as Redis keeps it, in whose memory it stays: a long one deflated, to a third or less. */
export function packed(text: string): string {
  if (text.length < PACKED_FROM) return text
  return PACKED + deflateRawSync(text, { level: LEVEL, dictionary: COMMON }).toString('base64')
}

/** The text that `packed` was given. */
export function unpacked(text: string): string {
  if (!text.startsWith(PACKED)) return text
  return inflateRawSync(Buffer.from(text.slice(PACKED.length), 'base64'), { dictionary: COMMON }).toString()
}
