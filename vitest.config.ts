import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest, the longest first. */
const longest = [
  'integration/random-run',
  'contract/etcd',
  'integration/etcd/outage',
  'integration/python-server',
  'integration/connect-command',
  'integration/faults/clock',
  'integration/run-command-ends',
  'integration/doctor-command',
  'engines/journey',
  'integration/unresponsive',
  'integration/commands',
  'integration/mcp',
  'integration/guard-matrix',
  'integration/damage',
  'integration/push-faults',
  'integration/hub-command',
  'integration/faults/killed-writer',
  'integration/send-command',
  'integration/faults/silent-watch',
  'integration/register-command',
  'integration/faults/duplicate-ids',
  'integration/faults/two-hubs',
  'integration/connect-again',
  'integration/run-command',
  'integration/faults/failing-calls',
].map((name) => `/test/${name}.test.ts`)

/**
 * What takes long comes first, so that nothing of it is left alone at the end; the unit tests beside the code fill up the rest.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((name) => moduleId.endsWith(name))
      if (place !== -1) return place
      return longest.length + (moduleId.includes('/test/') ? 0 : 1)
    }
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig(({ mode }) => ({
  test: {
    projects: [
      // Those beside the code leave nothing behind, and so need no process each.
      {
        extends: true,
        mode,
        test: { name: 'unit', include: ['{src,dashboard/src}/**/*.test.ts'], isolate: false },
      },
      { extends: true, mode, test: { name: 'real', include: ['test/**/*.test.ts'] } },
    ],
    // Real processes on a loaded machine: a test that waits for an event waits long enough.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // For two cores: they wait for events half of the time.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', ['json', { outputFile: 'test-results/unit.json' }]],
    env: { SHIPYARD_HOME: '/dev/null/tests-name-their-own-home' },
  },
}))
