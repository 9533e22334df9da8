/**
 * Why a base URL of Slack or PagerDuty cannot be used. Tokens go to it, so it is https; plain http only on loopback, where a stand-in may
 * listen. (Data sources are freer: a Prometheus on a private network seldom has a certificate.) The message leaves credentials out.
 */
export function baseUrlProblem(name: string, text: string): string | undefined {
  if (!URL.canParse(text)) return `${name} is not a URL; expected one such as https://api.example.com.`
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return `${name} holds a user name or password; leave them out.`
  if (url.search !== '' || url.hash !== '') return `${name} ends in a query or fragment; expected a base URL without.`
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return `${name} begins with ${url.protocol}//; expected https://.`
  if (isLoopback(url.hostname)) return undefined
  return `${name} is plain http to ${url.hostname}: tokens would be readable on the way. Use https, or http on loopback only.`
}

/** RFC 6761 for localhost, RFC 1122 for 127.0.0.0/8; `URL` has already normalised the address. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
}
