/** A real page on a real Vite over a registry of its own, and real servers beside it. */

import { join } from 'node:path'
import { test as base, expect, type Page } from '@playwright/test'
import {
  createTestHome,
  type EchoServer,
  projectRoot,
  type RunningProcess,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'

export interface PageOptions {
  /** Which of Vite's servers the page comes from. */
  vite: 'dev' | 'preview'
}

export interface Fixtures {
  home: TestHome
  /** Where the page is. */
  url: string
  startServer: (...args: string[]) => Promise<EchoServer>
}

const viteBin = join(projectRoot, 'node_modules/vite/bin/vite.js')

/** Starts Vite on a port that the system picks. Resolves once it has said where. */
export async function startVite(
  home: TestHome,
  mode: PageOptions['vite'],
): Promise<RunningProcess & { url: string }> {
  const command = mode === 'preview' ? ['preview', 'dashboard'] : ['dashboard']
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  const running = home.own(startProcess(process.execPath, [viteBin, ...command, '--port', '0'], { env }))
  const [, url = ''] = await running.printed(/Local:\s+(http:\/\/localhost:\d+\/)/)
  return { ...running, url }
}

export const test = base.extend<Fixtures & PageOptions>({
  vite: ['dev', { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's pattern
  async home({}, use) {
    await using home = createTestHome()
    await use(home)
  },
  async url({ home, vite }, use) {
    await use((await startVite(home, vite)).url)
  },
  async startServer({ home }, use) {
    await use(async (...args) => home.own(await startEchoServer(home.path, args)))
  },
})

/** The card of a server on the page. */
export function cardOf(page: Page, { id }: { id: string }) {
  return page.locator(`[data-server-id="${id}"]`)
}

export { expect }
