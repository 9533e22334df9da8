import type { SyntaxNode } from '@lezer/common'

/** A node of the grammar's tree with the text that it stands for. */
export interface SourceNode {
  /** The whole query. */
  readonly text: string
  readonly node: SyntaxNode
  readonly from: number
  /** The part of the query that this node covers. */
  readonly content: string
}

export function children(text: string, parent: SyntaxNode): SourceNode[] {
  const found: SourceNode[] = []
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (node.name !== 'LineComment')
      found.push({ text, node, from: node.from, content: text.slice(node.from, node.to) })
  }
  return found
}

/** Every node below `parent` with this name, in order. */
export function named(text: string, parent: SyntaxNode, name: string): SourceNode[] {
  return children(text, parent).filter((child) => child.node.name === name)
}
