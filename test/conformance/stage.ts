/** What the cases need, made once for each worker: the page on a real Vite over a registry of its own, and the server. */
import { test as base, expect, type Page } from '@playwright/test'
import { openRegistry } from '../../src/registry/index.js'
import { serveVite } from '../e2e/fixtures.js'
import { createTestHome } from '../support/processes.js'
import { type ConformanceServer, startServer } from './server.js'
import type { SubjectName } from './subjects.js'

interface Stage {
  readonly page: Page
  readonly server: ConformanceServer
  /** What the page has thrown and not caught. */
  readonly errors: Error[]
}

export interface StageFixtures {
  /** Runs a case in the page, and returns what it has observed. */
  observe: (subject: SubjectName, title: string) => Promise<unknown>
}

export const test = base.extend<StageFixtures, { stage: Stage }>({
  stage: [
    async ({ browser }, use) => {
      await using home = createTestHome()
      await using registry = openRegistry({ home: home.path })
      const server = await startServer(registry)
      const url = await serveVite(home, 'dev', 'test/conformance/page')
      const page = await browser.newPage()
      const errors: Error[] = []
      page.on('pageerror', (error) => errors.push(error))
      await page.goto(url)
      await page.waitForFunction(() => 'runCase' in window)
      await use({ page, server, errors })
      await page.close()
      await server.close()
    },
    { scope: 'worker' },
  ],
  async observe({ stage: { page, server, errors } }, use) {
    await use((subject, title) =>
      page.evaluate(([subject, title, origin]) => window.runCase(subject, title, origin), [
        subject,
        title,
        server.origin,
      ] as const),
    )
    server.reset()
    expect(errors.splice(0)).toEqual([])
  },
})

export { expect }
