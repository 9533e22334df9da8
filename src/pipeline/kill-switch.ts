import type { Store } from '../store/store.ts'

const SETTING = 'switched-off'

/** Returns every service to `observe` at once. Two ways: a setting (`/inc off`), and a file, which works when nothing else does. */
export interface KillSwitch {
  /** Who or what switched incbot off; undefined while it is on. Off when it cannot be told. */
  readonly reason: () => Promise<string | undefined>
  readonly off: (by: string, why: string) => Promise<void>
  /** What still keeps it off afterwards: the file, which only who can delete it may lift. */
  readonly on: () => Promise<string | undefined>
}

/** `fileExists` looks for the file; `file` is its path, for the sentence that names it. */
export function createKillSwitch(
  store: Pick<Store, 'setting' | 'setSetting'>,
  file: string,
  fileExists: () => Promise<boolean>,
): KillSwitch {
  const byFile = async () => ((await fileExists()) ? `the file ${file} exists` : undefined)
  return {
    reason: async () => (await byFile()) ?? (await store.setting(SETTING)),
    off: (by, why) => store.setSetting(SETTING, why === '' ? `by ${by}` : `by ${by}: ${why}`),
    on: async () => {
      await store.setSetting(SETTING, undefined)
      return byFile()
    },
  }
}
