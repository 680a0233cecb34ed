/**
 * A real page on a real Vite over a registry of its own, and real servers beside it. In development it is the dashboard's sources,
 * in preview the built page as every hub has it, under its policy.
 */

import { join } from 'node:path'
import { test as base, expect, type Page } from '@playwright/test'
import { createServer, preview } from 'vite'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import {
  createTestHome,
  type EchoServer,
  projectRoot,
  type RunningProcess,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { type Serve, withServers } from '../support/serve.js'

export interface PageOptions {
  /** Which of Vite's servers the page comes from. */
  vite: 'dev' | 'preview'
}

export interface Fixtures {
  home: TestHome
  /** Where the page is. */
  url: string
  startServer: (...args: string[]) => Promise<EchoServer>
  registry: Registry
  /** Starts a server in the test's own process, which echoes unless it is told otherwise. */
  serve: Serve
}

const viteBin = join(projectRoot, 'node_modules/vite/bin/vite.js')

/**
 * Vite in the test's own process, at a port that the system picks: a process of its own takes ten times as long to start. Resolves to
 * where it is.
 */
export async function serveVite(
  home: TestHome,
  mode: PageOptions['vite'],
  root = 'dashboard',
): Promise<string> {
  const { SHIPYARD_HOME } = process.env
  process.env.SHIPYARD_HOME = home.path
  try {
    const options = { root: join(projectRoot, root), logLevel: 'error', clearScreen: false } as const
    const atAny = { port: 0, strictPort: true }
    const server =
      mode === 'preview'
        ? await preview({ ...options, preview: atAny })
        : await (await createServer({ ...options, server: atAny })).listen()
    home.onCleanUp(() => server.close())
    return server.resolvedUrls?.local[0] ?? ''
  } finally {
    if (SHIPYARD_HOME === undefined) delete process.env.SHIPYARD_HOME
    else process.env.SHIPYARD_HOME = SHIPYARD_HOME
  }
}

/** Starts Vite as a process, which may be killed, at a port that the system picks. Resolves once it has said where. */
export async function startVite(
  home: TestHome,
  mode: PageOptions['vite'],
  root = 'dashboard',
  port = 0,
): Promise<RunningProcess & { url: string }> {
  const command = mode === 'preview' ? ['preview', root] : [root]
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  const running = home.own(
    startProcess(process.execPath, [viteBin, ...command, '--port', `${port}`, '--strictPort'], { env }),
  )
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
  async url({ home, page, vite }, use) {
    const violations: string[] = []
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) violations.push(message.text())
    })
    const url = await serveVite(home, vite)
    await use(vite === 'preview' ? `${url}__wsyard/` : url)
    expect(violations).toEqual([])
  },
  async startServer({ home }, use) {
    await use(async (...args) => home.own(await startEchoServer(home.path, args)))
  },
  async registry({ home }, use) {
    await using registry = openRegistry({ home: home.path })
    await use(registry)
  },
  async serve({ registry }, use) {
    await withServers(registry, use)
  },
})

/** The card of a server on the page. */
export function cardOf(page: Page, { id }: { id: string }) {
  return page.locator(`[data-server-id="${id}"]`)
}

export { expect }
