/** A page with the client library alone, on a real Vite over a registry of its own, and servers that do as the test says. */
import { test as base, expect, type Page } from '@playwright/test'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { startVite } from '../e2e/fixtures.js'
import { createTestHome, type RunningProcess, type TestHome } from '../support/processes.js'
import { type Serve, withServers } from '../support/serve.js'

export interface ClientFixtures {
  home: TestHome
  vite: RunningProcess & { url: string }
  /** The page, with `window.wsyard`; whatever it throws and does not catch fails the test. */
  client: Page
  registry: Registry
  /** Starts a server that echoes, unless it is told otherwise. */
  serve: Serve
}

export const test = base.extend<ClientFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's pattern
  async home({}, use) {
    await using home = createTestHome()
    await use(home)
  },
  async vite({ home }, use) {
    await use(await startVite(home, 'preview', 'test/pages/client'))
  },
  async client({ page, vite }, use) {
    const errors: Error[] = []
    page.on('pageerror', (error) => errors.push(error))
    await page.goto(vite.url)
    await page.waitForFunction(() => 'wsyard' in window)
    await use(page)
    expect(errors).toEqual([])
  },
  async registry({ home }, use) {
    await using registry = openRegistry({ home: home.path })
    await use(registry)
  },
  async serve({ registry }, use) {
    await withServers(registry, use)
  },
})

export { expect }
