/** The examples of docs/reference/client.md and react.md, as they stand there, in a page that the example of vite.md serves. */
import type { Page } from '@playwright/test'
import type { ServerOptions } from '../../src/server/index.js'
import { filesOf, makeProject } from '../support/guide-project.js'
import type { TestHome } from '../support/processes.js'
import { readPage } from '../support/reference-page.js'
import { expect, test as plain } from './fixtures.js'

const test = plain.extend<{ open: (subpath: string) => Promise<Page> }>({
  async open({ home, page }, use) {
    const errors: Error[] = []
    page.on('pageerror', (error) => errors.push(error))
    await use(async (subpath) => {
      await page.goto(await serveExample(home, subpath))
      return page
    })
    expect(errors).toEqual([])
  },
})

async function serveExample(home: TestHome, subpath: string): Promise<string> {
  const [main, ...others] = filesOf(readPage(subpath))
  const [config] = filesOf(readPage('vite'))
  if (main === undefined || config === undefined) throw new Error(`There is no example on ${subpath}.md.`)
  expect(others).toEqual([])
  const index = `<!doctype html><title>${subpath}</title><body></body><script type="module" src="/${main[0]}"></script>`
  return makeProject(home, [main, config, ['index.html', index]]).startVite()
}

/** Says at which path it was reached, and what it was sent. */
const worker: ServerOptions = {
  name: 'worker-a',
  meta: { role: 'worker' },
  onConnection: (socket, { url }) => socket.on('message', (data) => socket.send(`${data} at ${url}`)),
}

test('the example of client.md says who comes and goes, and talks with all and with one', async ({
  open,
  serve,
}) => {
  const log = (await open('client')).locator('pre')
  await expect(log).toContainText('the hub is live')
  await expect(log).toContainText('There is no such server now.')
  await serve({ name: 'other' })
  await expect(log).toContainText('other is added, disconnected')

  const first = await serve(worker)
  await expect(log).toContainText('worker-a is updated, connected')
  await expect(log).toContainText('worker-a to all: welcome at /\n')
  await expect(log).toContainText('worker-a to one: to one at /logs?follow=1\n')

  await first.close()
  await expect(log).toContainText('worker-a is removed, ')
  await expect(log).toContainText(/no such server.*no such server/s)
  await serve(worker)
  await expect(log).toContainText(/to one: to one.*to one: to one/s)
  await expect(log).toContainText(/to all: welcome.*to all: welcome/s)
  await expect(log).not.toContainText('other is updated')
})

test('the example of react.md counts the workers, and talks with all and with one', async ({
  open,
  serve,
}) => {
  const page = await open('react')
  const title = page.getByRole('heading')
  const line = page.getByRole('paragraph')
  const toOne = page.getByRole('button', { name: 'Say hello to worker-a' })
  await expect(title).toHaveText('0 of 0 workers, hub live')
  await expect(line).toContainText('There is no such server now.')
  await expect(toOne).toBeDisabled()

  const first = await serve(worker)
  await expect(title).toHaveText('1 of 1 workers, hub live')
  await page.getByRole('button', { name: 'Say hello to all' }).click()
  await expect(page.locator('pre')).toHaveText('worker-a: hello at /')
  await toOne.click()
  await expect(line).toContainText('worker-a is connected. It said: hello at /')

  await first.close()
  await expect(title).toHaveText('0 of 0 workers, hub live')
  await expect(toOne).toBeDisabled()
  await serve(worker)
  await expect(title).toHaveText('1 of 1 workers, hub live')
  await expect(toOne).toBeEnabled()
})
