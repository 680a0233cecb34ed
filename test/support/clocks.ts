/** Processes whose clock a test sets while they run, by libfaketime. Their timers run on as after a real jump. */
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestHome } from './processes.js'
import { needTool, type Skippable, skip } from './tools.js'

export interface Clock {
  /** Environment of the processes that go by this clock. */
  readonly env: Record<string, string>
  /** Sets it to so many hours after the real time. */
  set(hours: number): void
}

/** A clock that shows the real time at first. Skips the test where there is no libfaketime. */
export function createClock(context: Skippable, home: TestHome): Clock {
  needTool(context, 'faketime', 'faketime')
  const library = findLibrary() ?? skip(context, 'there is no libfaketimeMT.so.1 under /usr/lib')
  const file = join(dirname(home.path), 'clock')
  const set = (hours: number): void => {
    writeFileSync(`${file}.new`, `${hours < 0 ? '' : '+'}${hours}h\n`)
    renameSync(`${file}.new`, file)
  }
  set(0)
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  }
  return { env, set }
}

function findLibrary(): string | undefined {
  const directories = readdirSync('/usr/lib').map((name) => join('/usr/lib', name))
  return ['/usr/lib', ...directories]
    .map((directory) => join(directory, 'faketime/libfaketimeMT.so.1'))
    .find((path) => existsSync(path))
}
