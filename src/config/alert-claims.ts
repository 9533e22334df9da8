import { valueProblem } from './issues.ts'
import { formatPath, type Path, type Problem } from './problem.ts'
import { entries, field, items } from './raw.ts'
import type { YamlDocument } from './yaml-document.ts'

interface Claim {
  readonly service: string
  readonly path: Path
  readonly labels: ReadonlyMap<string, unknown>
}

/**
 * Claims of two services that one alert can fulfil, so that nobody could say whose it is. One that asks for everything the other asks for, and
 * more, is the exception to it.
 */
export function alertClaimProblems(document: YamlDocument): Problem[] {
  const claims = entries(field(document.value, 'services')).flatMap(([service, entry]) =>
    items(field(entry, 'alerts')).map(([index, labels]) => ({
      service,
      path: ['services', service, 'alerts', index],
      labels: new Map(entries(labels)),
    })),
  )
  return claims.flatMap((claim, index) => {
    const other = claims.slice(0, index).find((one) => one.service !== claim.service && isAmbiguous(one, claim))
    if (other === undefined) return []
    const message = `an alert can have these labels and those of ${formatPath(other.path)}, and would belong to both`
    const fix =
      'Give one label that both ask for different values, or let one ask for all that the other does and more.'
    return [{ ...valueProblem(document, claim.path, message), fix }]
  })
}

function isAmbiguous(left: Claim, right: Claim): boolean {
  const compatible = [...left.labels].every(([name, value]) => (right.labels.get(name) ?? value) === value)
  return compatible && !exceeds(left, right) && !exceeds(right, left)
}

/** Whether one asks for everything that the other does, and more. */
function exceeds(left: Claim, right: Claim): boolean {
  return left.labels.size > right.labels.size && [...right.labels.keys()].every((name) => left.labels.has(name))
}
