import { type Expression, type TimeShift, unwrapped } from '../../../../src/sandbox/prometheus/promql/ast.ts'

/** An expression as text with every pair of parentheses that its structure implies, and none that were only written. */
export function printed(expression: Expression): string {
  switch (expression.type) {
    case 'number':
      return String(expression.value)
    case 'string':
      return JSON.stringify(expression.value)
    case 'paren':
      return printed(unwrapped(expression))
    case 'unary':
      return `(${expression.operator}${printed(expression.operand)})`
    case 'selector': {
      const [name, ...others] = expression.matchers
      const conditions = others.map(({ name: label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`)
      return `${name?.value ?? ''}${others.length > 0 ? `{${conditions.join(',')}}` : ''}${shift(expression)}`
    }
    case 'range': {
      const { selector, rangeMs } = expression
      return `${printed({ type: 'selector', matchers: selector.matchers })}[${rangeMs}]${shift(selector)}`
    }
    case 'subquery':
      return `${printed(expression.inner)}[${expression.rangeMs}:${expression.stepMs ?? ''}]${shift(expression)}`
    case 'call':
      return `${expression.name}(${expression.args.map(printed).join(', ')})`
    case 'aggregate': {
      const { operator, labels, without, parameter, operand } = expression
      const grouping = labels.length > 0 || without ? ` ${without ? 'without' : 'by'}(${labels.join(',')})` : ''
      return `${operator}${grouping}(${parameter ? `${printed(parameter)}, ` : ''}${printed(operand)})`
    }
    case 'binary': {
      const { operator, returnsBool, matching, left, right } = expression
      const labels = matching ? ` ${matching.on ? 'on' : 'ignoring'}(${matching.labels.join(',')})` : ''
      const group = matching?.group ? ` group_${matching.group}(${matching.include.join(',')})` : ''
      return `(${printed(left)} ${operator}${returnsBool ? ' bool' : ''}${labels}${group} ${printed(right)})`
    }
  }
}

function shift({ offsetMs, pinned }: TimeShift): string {
  const at = pinned === undefined ? '' : ` @ ${typeof pinned === 'string' ? pinned : pinned.atMs}`
  return `${at}${offsetMs === undefined ? '' : ` offset ${offsetMs}`}`
}
