/** A page with the client library alone, on a real Vite over a registry of its own, and servers that do as the test says. */
import { test as base, expect, type Page } from '@playwright/test'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { serveVite, startVite } from '../e2e/fixtures.js'
import { createTestHome, type RunningProcess, type TestHome } from '../support/processes.js'
import { type Serve, withServers } from '../support/serve.js'

export interface ClientFixtures {
  home: TestHome
  /** Whether the test ends Vite, which has a process of its own then. */
  endsVite: boolean
  vite: { readonly url: string; stop: RunningProcess['stop'] }
  /** The page, with `window.wsyard`; whatever it throws and does not catch fails the test. */
  client: Page
  registry: Registry
  /** Starts a server that echoes, unless it is told otherwise. */
  serve: Serve
}

/** Its root. */
export const clientPage = 'test/pages/client'

export const test = base.extend<ClientFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's pattern
  async home({}, use) {
    await using home = createTestHome()
    await use(home)
  },
  endsVite: [false, { option: true }],
  async vite({ home, endsVite }, use) {
    if (endsVite) return use(await startVite(home, 'preview', clientPage))
    const stop = () => Promise.reject(new Error('only testEndingVite may do that'))
    await use({ url: await serveVite(home, 'preview', clientPage), stop })
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

/** For what ends Vite, or starts it again. */
export const testEndingVite = test.extend({ endsVite: true })

export { expect }
