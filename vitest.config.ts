import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'dashboard/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Real processes on a loaded machine: a test that waits for an event waits long enough.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of them wait for other processes most of the time.
    maxWorkers: 3,
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', ['json', { outputFile: 'test-results/unit.json' }]],
    env: { SHIPYARD_HOME: '/dev/null/tests-name-their-own-home' },
  },
})
