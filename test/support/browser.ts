/** Finds a Chromium for the tests, and installs one if the machine has none. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

export const browserFlags: string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--disable-sync',
]

const systemNames = [
  'chromium',
  'chromium-browser',
  'chromium-headless-shell',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
]

const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** Each looks for a browser, or brings one; the first that can be launched is taken. */
const sources: { name: string; find: () => (string | undefined)[] | Promise<(string | undefined)[]> }[] = [
  { name: "Playwright's own", find: () => [chromium.executablePath()] },
  { name: 'the system', find: () => [...systemNames.flatMap(onPath), ...applications] },
  {
    name: 'npx playwright install chromium',
    find: () => (run('npx', ['playwright', 'install', 'chromium']) ? [chromium.executablePath()] : []),
  },
  {
    name: 'apt-get install chromium-headless-shell',
    find: () => {
      if (process.getuid?.() !== 0 || onPath('apt-get').length === 0) return []
      run('apt-get', ['update'])
      run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium-headless-shell'])
      return onPath('chromium-headless-shell')
    },
  },
  { name: 'npm install @sparticuz/chromium', find: fromPackage },
]

/**
 * The path of a Chromium that starts.
 *
 * @throws {Error} naming what was tried when there is none.
 */
export async function findBrowser(): Promise<string> {
  const named = process.env.CHROME_PATH
  if (named !== undefined && named !== '') {
    if (await starts(named)) return named
    throw new Error(`CHROME_PATH names "${named}", which does not start. Correct it or unset it.`)
  }
  for (const { find } of sources) {
    for (const path of await find()) if (path !== undefined && (await starts(path))) return path
  }
  const tried = sources.map(({ name }) => name).join('; ')
  throw new Error(`No Chromium was found (tried: ${tried}). Install one, or name one by CHROME_PATH.`)
}

async function starts(executablePath: string): Promise<boolean> {
  if (!existsSync(executablePath)) return false
  try {
    const browser = await chromium.launch({ executablePath, args: browserFlags })
    await browser.close()
    return true
  } catch {
    return false
  }
}

function onPath(name: string): string[] {
  const directories = (process.env.PATH ?? '').split(delimiter)
  return directories.map((directory) => join(directory, name)).filter((path) => existsSync(path))
}

/** The package holds the binary itself, so the registry alone is enough. */
async function fromPackage(): Promise<string[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return []
  if (!run('npm', ['install', '--no-save', '@sparticuz/chromium@147'])) return []
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const { default: packaged } = (await import(entry)) as { default: { executablePath(): Promise<string> } }
  return [await packaged.executablePath()]
}

function run(command: string, args: readonly string[]): boolean {
  console.error(`Looking for a browser: ${command} ${args.join(' ')}`)
  try {
    execFileSync(command, args, {
      stdio: ['ignore', 'ignore', 'ignore'],
      timeout: 300_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    return true
  } catch {
    return false
  }
}
