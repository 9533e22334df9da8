type Attributes = Readonly<Record<string, string | number | undefined>>

/**
 * One SVG element. Attribute values and text are escaped here and nowhere else; children are markup that came from this function.
 * Numbers are rounded to a hundredth, attributes that are `undefined` are left out.
 */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeXml(String(value))}"`)
    .join('')
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`
}

export interface TextStyle {
  readonly size: number
  readonly fill: string
  readonly weight?: 400 | 600
  readonly anchor?: 'start' | 'middle' | 'end'
  /** A rim in the colour of the paper, for labels that lie over lines. */
  readonly halo?: string
}

/** A line of text with its baseline at `y`. The text must have gone through `cleanText`. */
export function textElement(x: number, y: number, content: string, style: TextStyle): string {
  const halo = style.halo && {
    stroke: style.halo,
    'stroke-width': 5,
    'stroke-linejoin': 'round',
    'paint-order': 'stroke',
  }
  const attributes = {
    x,
    y,
    'font-family': 'Inter',
    'font-size': style.size,
    'font-weight': style.weight ?? 400,
    'text-anchor': style.anchor ?? 'start',
    fill: style.fill,
    ...halo,
  }
  return element('text', attributes, escapeXml(content))
}

type Place = readonly [x: number, y: number]

/** A straight line between two places. */
export function lineElement([x1, y1]: Place, [x2, y2]: Place, style: Attributes): string {
  return element('line', { x1, y1, x2, y2, ...style })
}

function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function escapeXml(raw: string): string {
  return raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
