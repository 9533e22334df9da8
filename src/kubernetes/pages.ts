/** A page of a list, small enough to be parsed without holding up everything else. */
const PAGE = 500

interface Page<T> {
  readonly items: readonly T[]
  readonly metadata?: { readonly _continue?: string }
}

/** All items of a list, asked for in pages. */
export async function allPages<T>(
  ask: (page: { readonly limit: number; readonly _continue?: string }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const all: T[] = []
  let next: string | undefined
  do {
    const { items, metadata } = await ask({ limit: PAGE, ...(next !== undefined && { _continue: next }) })
    all.push(...items)
    // The last page has an empty token, or none.
    next = metadata?._continue === '' ? undefined : metadata?._continue
  } while (next !== undefined)
  return all
}
