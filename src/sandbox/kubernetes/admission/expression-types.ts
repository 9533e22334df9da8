import type { CelFunc, parse } from '@bufbuild/cel'
import type { Declarations } from './declarations.ts'

type Expr = ReturnType<typeof parse>['expr']
type Call = Extract<Expr['exprKind'], { case: 'callExpr' }>['value']
type Comprehension = Extract<Expr['exprKind'], { case: 'comprehensionExpr' }>['value']

/** The overloads of a function; undefined where there is no such function. */
export type Overloads = (name: string) => Iterable<CelFunc> | undefined

const CONSTANTS: Readonly<Record<string, string>> = {
  boolValue: 'bool',
  bytesValue: 'bytes',
  doubleValue: 'double',
  int64Value: 'int',
  nullValue: 'null_type',
  stringValue: 'string',
  uint64Value: 'uint',
}
const TYPE_NAMES: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'type',
  'uint',
])
const LOGICAL: ReadonlySet<string> = new Set(['_&&_', '_||_', '@not_strictly_false'])

/**
 * The type of an expression, as far as it can be known before there are values, else `dyn`. Throws what the compiler of a real API server would
 * complain of first: names and functions that do not exist, and arguments that no function takes.
 */
export function typeOf(expr: Expr | undefined, known: Declarations, overloads: Overloads): string {
  const inner = (part: Expr | undefined, names = known): string => typeOf(part, names, overloads)
  const kind = expr?.exprKind
  switch (kind?.case) {
    case 'constExpr':
      return CONSTANTS[kind.value.constantKind.case ?? ''] ?? 'dyn'
    case 'identExpr':
      return identType(kind.value.name, known)
    case 'selectExpr': {
      const operand = inner(kind.value.operand)
      if (kind.value.testOnly) return 'bool'
      const type = known.get(pathOf(expr))
      if (type === undefined && operand === 'object') throw new Error(`undefined field '${kind.value.field}'`)
      return type ?? 'dyn'
    }
    case 'callExpr':
      return callType(kind.value, inner, overloads)
    case 'listExpr':
      for (const element of kind.value.elements) inner(element)
      return 'list'
    case 'structExpr':
      if (kind.value.messageName !== '')
        throw new Error(`undeclared reference to '${kind.value.messageName}' (in container '')`)
      for (const { keyKind, value } of kind.value.entries) {
        if (keyKind.case === 'mapKey') inner(keyKind.value)
        inner(value)
      }
      return 'map'
    case 'comprehensionExpr':
      return comprehensionType(kind.value, known, inner)
    case undefined:
      return 'dyn'
  }
}

function identType(name: string, known: Declarations): string {
  const type = known.get(name) ?? (TYPE_NAMES.has(name) ? 'type' : undefined)
  if (type === undefined) throw new Error(`undeclared reference to '${name}' (in container '')`)
  return type
}

function callType(
  { function: name, target, args }: Call,
  inner: (part: Expr | undefined) => string,
  overloads: Overloads,
): string {
  const targetType = target && inner(target)
  const types = args.map((arg) => inner(arg))
  if (name === '_[_]') return 'dyn'
  if (name === '_?_:_') return types[1] === types[2] ? (types[1] ?? 'dyn') : 'dyn'
  if (LOGICAL.has(name)) {
    if (types.every((type) => fits(type, 'bool'))) return 'bool'
    throw new Error(`found no matching overload for '${name}' applied to '(${types.join(', ')})'`)
  }
  const all = overloads(name)
  if (all === undefined) throw new Error(`undeclared reference to '${name}' (in container '')`)
  const matching = [...all].filter(
    (one) =>
      one.arguments.length === types.length &&
      (one.target === undefined) === (targetType === undefined) &&
      (targetType === undefined || fits(targetType, one.target?.name)) &&
      types.every((type, index) => fits(type, one.arguments[index]?.name)),
  )
  const results = new Set(matching.map(({ result }) => result.name))
  const [only, ...others] = results
  if (only !== undefined) return others.length === 0 ? only : 'dyn'
  const receiver = targetType === undefined ? '' : `${targetType}.`
  throw new Error(`found no matching overload for '${name}' applied to '${receiver}(${types.join(', ')})'`)
}

/** `exists`, `all`, `map` and so on: the macros, written out. */
function comprehensionType(
  { accuVar, accuInit, iterVar, iterRange, loopCondition, loopStep, result }: Comprehension,
  known: Declarations,
  inner: (part: Expr | undefined, names?: Declarations) => string,
): string {
  inner(iterRange)
  const accumulated = inner(accuInit)
  const within = new Map([...known, [iterVar, 'dyn'], [accuVar, accumulated]])
  inner(loopCondition, within)
  inner(loopStep, within)
  return inner(result, within)
}

const fits = (type: string, wanted: string | undefined): boolean =>
  type === 'dyn' || type === 'object' || wanted === 'dyn' || type === wanted

/** "request.userInfo.username" for a chain of plain names, which is the only thing that declarations name. */
function pathOf(expr: Expr | undefined): string {
  const kind = expr?.exprKind
  if (kind?.case === 'identExpr') return kind.value.name
  if (kind?.case !== 'selectExpr') return '?'
  return `${pathOf(kind.value.operand)}.${kind.value.field}`
}
