/** Slack shows an error after three seconds; what is left is for the way back. */
const ACK_MS = 2_300

/**
 * Says what came of the work while Slack still listens; otherwise that it is still going on, and the rest later. `work` must not reject.
 */
export async function answerInTime(
  work: Promise<string>,
  say: { readonly now: (text: string) => Promise<void>; readonly later: (text: string) => Promise<void> },
): Promise<void> {
  const text = await inTime(work)
  if (text !== undefined) return say.now(text)
  await say.now('Still working on it; it is not recorded yet. The answer follows here.')
  await say.later(await work)
}

/** What came of the work while Slack still listens; undefined where it takes longer. `work` must not reject. */
export async function inTime<T>(work: Promise<T>, ackMs: number = ACK_MS): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ackMs)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
