/**
 * A page in each of the engines that browsers are made of: Chromium, and real Firefox and WebKit as Debian has them. Root on
 * Debian is given what is missing; elsewhere the test is skipped, and says why.
 */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chromium } from '@playwright/test'
import { vi } from 'vitest'
import { browserFlags, findBrowser } from './browser.js'
import { refusingPort } from './foreign-lines.js'
import { startProcess, type TestHome } from './processes.js'
import { installAsRoot, isOnPath, needTool, type Skippable } from './tools.js'
import { type DrivenPage, openByBiDi, openByWebDriver } from './webdriver.js'

/** Starts a browser whose profile and processes go with the home, and opens an empty page. */
type Start = (home: TestHome) => Promise<DrivenPage>

interface Engine {
  readonly start: Start
  /** The commands that it takes, and the packages that have them. */
  readonly tools: readonly (readonly [command: string, aptPackage: string])[]
}

const startChromium: Start = async (home) => {
  const browser = await chromium.launch({ executablePath: await findBrowser(), args: browserFlags })
  home.onCleanUp(() => browser.close())
  return browser.newPage()
}

const startFirefox: Start = async (home) => {
  const HOME = dirname(home.path)
  const profile = join(HOME, 'firefox')
  mkdirSync(profile)
  const args = ['--headless', '--profile', profile, '--remote-debugging-port', '0', 'about:blank']
  const firefox = home.own(startProcess('firefox-esr', args, { env: { HOME }, group: true }))
  const [, url] = await firefox.printed(/BiDi listening on (ws:\S+)/)
  return openByBiDi(`${url}/session`)
}

const startWebKit: Start = async (home) => {
  const screen = startProcess('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp'])
  home.onCleanUp(() => screen.stop()) // with its lock
  const [, display] = await screen.printed(/^(\d+)\n/)
  const env = {
    HOME: dirname(home.path),
    DISPLAY: `:${display}`,
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', // root has none
  }
  const port = await refusingPort()
  home.own(startProcess('WebKitWebDriver', [`--port=${port}`], { env, group: true }))
  const driver = `http://127.0.0.1:${port}`
  await vi.waitFor(() => fetch(`${driver}/status`), { timeout: 30_000 })
  return openByWebDriver(driver)
}

const engines = {
  chromium: { start: startChromium, tools: [] }, // `findBrowser` finds it, or installs it
  firefox: { start: startFirefox, tools: [['firefox-esr', 'firefox-esr']] },
  webkit: {
    start: startWebKit,
    tools: [
      ['WebKitWebDriver', 'webkit2gtk-driver'],
      ['Xvfb', 'xvfb'],
    ],
  },
} as const satisfies Record<string, Engine>

export type EngineName = keyof typeof engines
export const engineNames = Object.keys(engines) as EngineName[]

/** Skips the test, with the reason printed, unless the engine is there or can be installed. */
export function needEngine(context: Skippable, name: EngineName): void {
  for (const [command, aptPackage] of engines[name].tools) {
    if (!isOnPath(command)) installAsRoot(aptPackage)
    needTool(context, command, aptPackage)
  }
}

export interface EnginePage {
  /** Calls a function in the page, with what JSON can carry, and resolves to what it returns, or its promise does. */
  evaluate<Given extends unknown[], Result>(
    deed: (...given: Given) => Result,
    ...given: Given
  ): Promise<Awaited<Result>>
}

export async function openPage(name: EngineName, home: TestHome, url: string): Promise<EnginePage> {
  const page = await engines[name].start(home)
  await page.goto(url)
  return {
    async evaluate(deed, ...given) {
      const call = `(${deed})(...${JSON.stringify(given)})`
      const answer = await page.evaluate(`(async () => JSON.stringify({ value: await ${call} }))()`)
      return JSON.parse(`${answer}`).value
    },
  }
}
