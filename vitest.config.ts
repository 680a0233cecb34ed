import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What starts browsers comes last, so that it takes no processor from what races with other processes. */
class BrowsersLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isBrowser = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/engines/')
    const sorted = await super.sort(files)
    return [...sorted.filter((file) => !isBrowser(file)), ...sorted.filter(isBrowser)]
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'dashboard/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Real processes on a loaded machine: a test that waits for an event waits long enough.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of them wait for other processes most of the time.
    maxWorkers: 3,
    sequence: { sequencer: BrowsersLast },
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', ['json', { outputFile: 'test-results/unit.json' }]],
    env: { SHIPYARD_HOME: '/dev/null/tests-name-their-own-home' },
  },
})
