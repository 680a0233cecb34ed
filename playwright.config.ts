import { defineConfig } from '@playwright/test'
import type { PageOptions } from './test/e2e/fixtures.js'
import { browserFlags, findBrowser } from './test/support/browser.js'

// Workers read this file again; the one that was found is handed to them by the environment.
if (process.env.TEST_WORKER_INDEX === undefined) process.env.CHROME_PATH = await findBrowser()

export default defineConfig<PageOptions>({
  testDir: 'test',
  testMatch: '**/*.e2e.ts',
  globalSetup: './test/support/build-pages.ts',
  outputDir: 'test-results/e2e',
  timeout: 90_000,
  expect: { timeout: 30_000 },
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    launchOptions: { executablePath: process.env.CHROME_PATH ?? '', args: browserFlags },
    screenshot: 'only-on-failure',
  },
  projects: [
    // What the page can do is tried once, on the page as it is shipped; what concerns its server on both, in part in the long form.
    {
      name: 'dev',
      testDir: 'test/e2e',
      testIgnore: ['**/dashboard/**', '**/standalone.e2e.ts', '**/page.e2e.ts'],
      use: { vite: 'dev' },
    },
    // The spike's steps on both are in the long form: `npm run test:long`.
    { name: 'preview', testDir: 'test/e2e', testIgnore: '**/seed.e2e.ts', use: { vite: 'preview' } },
    { name: 'client', testDir: 'test/client' },
    { name: 'react', testDir: 'test/react' },
    { name: 'conformance', testDir: 'test/conformance' },
  ],
})
