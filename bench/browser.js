/**
 * The real browser in which the client is measured, and a page on a hub.
 */
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { heard } from './child.js'

/** Launches the Chromium that `CHROME_PATH` names, or the system's, or Playwright's own. */
export async function launchBrowser() {
  const executablePath = browserPath()
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
  return await chromium.launch({ args, ...(executablePath === undefined ? {} : { executablePath }) })
}

/** Undefined for Playwright's own. */
export function browserPath() {
  const { CHROME_PATH, PATH = '' } = process.env
  const onPath = PATH.split(delimiter).flatMap((directory) =>
    ['chromium-headless-shell', 'chromium', 'google-chrome'].map((name) => join(directory, name)),
  )
  return CHROME_PATH ?? onPath.find(existsSync)
}

/** @param {string} home */
export async function startPageServer(home) {
  const child = startScript('page-server.js', home)
  /** @type {number} */
  const port = await heard(child, child, 'message')
  return { child, url: `http://127.0.0.1:${port}/` }
}

/**
 * @param {string} name
 * @param {string[]} args
 */
export function startScript(name, ...args) {
  return fork(fileURLToPath(new URL(name, import.meta.url)), args)
}
