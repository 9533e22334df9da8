const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/
const PREFIX = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
const LONGEST_NAME = 63
const LONGEST_PREFIX = 253

/**
 * Why "key=value" can be no label of a Kubernetes object; undefined where it can.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelProblem(text: string): string | undefined {
  const [key = '', value, ...more] = text.split('=')
  if (value === undefined || more.length > 0 || key === '' || value === '') return 'a label is written key=value'
  const [name = '', prefix, ...rest] = key.split('/').toReversed()
  if (rest.length > 0) return 'the key of a label has at most one slash'
  if (prefix !== undefined && !isPrefix(prefix)) return 'what stands before the slash must be a domain in small letters'
  if (!isName(name)) return `the key must be ${NAMELY}`
  return isName(value) ? undefined : `the value must be ${NAMELY}`
}

const NAMELY = `letters, digits, “-”, “_” and “.”, at most ${LONGEST_NAME} of them, with a letter or digit at both ends`

function isName(text: string): boolean {
  return text.length <= LONGEST_NAME && NAME.test(text)
}

function isPrefix(text: string): boolean {
  return text.length <= LONGEST_PREFIX && PREFIX.test(text)
}
