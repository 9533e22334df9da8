import type { Binary, BinaryOperator, VectorMatching } from './ast.ts'
import { unsupported } from './errors.ts'
import { children, named, type SourceNode } from './syntax-node.ts'

const operators = ['+', '-', '*', '/', '%', '^', '==', '!=', '>', '<', '>=', '<=', 'and', 'or', 'unless'] as const

export function binaryOperator({ content }: SourceNode): BinaryOperator {
  const written = content.toLowerCase()
  const known = operators.find((operator) => operator === written)
  if (known === undefined) throw unsupported(`operator ${content}`)
  return known
}

/** What stands between an operator and its right operand: `bool`, `on`/`ignoring`, `group_left`/`group_right`. */
export function binaryModifiers(modifiers: readonly SourceNode[]): Pick<Binary, 'returnsBool' | 'matching'> {
  let returnsBool = false
  let matching: VectorMatching | undefined
  for (const modifier of modifiers) {
    if (modifier.node.name === 'BoolModifier') returnsBool = true
    else if (modifier.node.name === 'MatchingModifierClause') matching = vectorMatching(modifier)
    else throw unsupported(modifier.content)
  }
  return { returnsBool, matching }
}

function vectorMatching({ text, node }: SourceNode): VectorMatching {
  const [labels, include] = named(text, node, 'GroupingLabels')
  return {
    on: node.getChild('On') !== null,
    labels: labels ? groupingLabels(labels) : [],
    group: node.getChild('GroupLeft') ? 'left' : node.getChild('GroupRight') ? 'right' : undefined,
    include: include ? groupingLabels(include) : [],
  }
}

/** The names in `(a, b)`. */
export function groupingLabels({ text, node }: SourceNode): string[] {
  return children(text, node).map((label) => {
    if (label.node.name !== 'LabelName') throw unsupported('quoted label names (Prometheus 3)')
    return label.content
  })
}
