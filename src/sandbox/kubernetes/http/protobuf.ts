import { badRequest } from '../status-error.ts'

/** A message's fields by number: a string, an integer, a list of strings, or another message. */
type Message = Readonly<Record<number, readonly [name: string, type: 'string' | 'int' | 'strings' | Message]>>

const OBJECT_META: Message = { 1: ['name', 'string'], 2: ['generateName', 'string'], 3: ['namespace', 'string'] }
const PRECONDITIONS: Message = { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }
const DELETE_OPTIONS: Message = {
  1: ['gracePeriodSeconds', 'int'],
  2: ['preconditions', PRECONDITIONS],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', 'strings'],
}
const RESOURCE_ATTRIBUTES: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
}
const NON_RESOURCE_ATTRIBUTES: Message = { 1: ['path', 'string'], 2: ['verb', 'string'] }
const ACCESS_SPEC: Message = {
  1: ['resourceAttributes', RESOURCE_ATTRIBUTES],
  2: ['nonResourceAttributes', NON_RESOURCE_ATTRIBUTES],
}

/** The kinds that current versions of kubectl send as protobuf in what this stand-in is used for (field numbers: `generated.proto`). */
const KINDS: Readonly<Record<string, Message>> = {
  DeleteOptions: DELETE_OPTIONS,
  Eviction: { 1: ['metadata', OBJECT_META], 2: ['deleteOptions', DELETE_OPTIONS] },
  SelfSubjectAccessReview: { 1: ['metadata', OBJECT_META], 2: ['spec', ACCESS_SPEC] },
  SelfSubjectRulesReview: { 1: ['metadata', OBJECT_META], 2: ['spec', { 1: ['namespace', 'string'] }] },
}

/** Every protobuf body begins with these bytes, then holds a `runtime.Unknown` that names the kind and carries the object. */
const MAGIC = Buffer.from('k8s\0')
const TYPE_META: Message = { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }

/** Whether a kind can be decoded from protobuf; the others are refused with 415. */
export const readsProtobuf = (kind: string): boolean => kind in KINDS

/** Decodes an object of `kind` to what its JSON would be. Throws 400 for bytes that are none. */
export function decodeProtobuf(kind: string, body: Buffer): unknown {
  const message = KINDS[kind]
  if (!message || !body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest(`the body is no ${kind} in the Kubernetes protobuf format`)
  }
  let typeMeta: Readonly<Record<string, unknown>> = {}
  let raw: Buffer = Buffer.alloc(0)
  for (const { number, bytes } of fieldsIn(body.subarray(MAGIC.length))) {
    if (number === 1) typeMeta = decodeMessage(TYPE_META, bytes)
    if (number === 2) raw = bytes
  }
  return { ...typeMeta, ...decodeMessage(message, raw) }
}

function decodeMessage(message: Message, body: Buffer): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const { number, bytes, integer } of fieldsIn(body)) {
    const [name, type] = message[number] ?? []
    if (name === undefined || type === undefined) continue
    if (type === 'int') result[name] = integer
    else if (type === 'string') result[name] = bytes.toString('utf8')
    else if (type === 'strings') result[name] = [...listOf(result[name]), bytes.toString('utf8')]
    else result[name] = decodeMessage(type, bytes)
  }
  return result
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

interface WireField {
  readonly number: number
  readonly bytes: Buffer
  readonly integer: number
}

/** The fields of an encoded message in order; only varints and length-delimited fields occur in the kinds above. */
function* fieldsIn(body: Buffer): Generator<WireField> {
  let position = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = body[position]
      if (byte === undefined) throw badRequest('the protobuf body ends in the middle of a field')
      position += 1
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
  }
  while (position < body.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    const wireType = tag % 8
    if (wireType !== 0 && wireType !== 2) throw badRequest(`unexpected protobuf wire type ${wireType}`)
    const value = varint()
    if (wireType === 2 && position + value > body.length) throw badRequest('a protobuf field is longer than the body')
    const bytes = wireType === 2 ? body.subarray(position, position + value) : Buffer.alloc(0)
    position += bytes.length
    yield { number, bytes, integer: wireType === 0 ? value : 0 }
  }
}
