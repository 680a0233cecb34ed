/** `docs/guide/getting-started.md` and `docs/guide/react.md`, done as they say. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesOf, makeProject } from '../support/guide-project.js'
import { projectRoot } from '../support/processes.js'
import { expect, test } from './fixtures.js'

const read = (page: string): string => readFileSync(join(projectRoot, 'docs/guide', page), 'utf8')

test('ten minutes with the guide end with a page that talks with every server', async ({ home, page }) => {
  const files = filesOf(read('getting-started.md'))
  expect(files.map(([name]) => name)).toEqual(['server.js', 'vite.config.js', 'index.html', 'main.js'])
  const { startServer, startVite } = makeProject(home, files)
  const [first] = await Promise.all([startServer('worker-a'), startServer('worker-b')])
  await page.goto(await startVite())
  await expect(page.getByRole('listitem')).toContainText([/worker-. at port \d+: connected/, /connected/])
  await page.getByRole('button').click()
  for (const name of ['worker-a', 'worker-b'])
    await expect(page.locator('pre')).toContainText(`${name}: Echo: hello`)
  await first.stop('SIGKILL')
  await expect(page.getByRole('listitem')).toHaveCount(1)
  await startServer('worker-c')
  await expect(page.getByRole('listitem')).toContainText([/worker-b.*connected/, /worker-c.*connected/])
})

test('the page of the React guide lists the servers and talks with one', async ({ home, page }) => {
  const files = filesOf(read('react.md'))
  expect(files.map(([name]) => name)).toEqual(['vite.config.js', 'index.html', 'main.jsx'])
  const servers = filesOf(read('getting-started.md')).filter(([name]) => name === 'server.js')
  const { startServer, startVite } = makeProject(home, [...files, ...servers])
  const first = await startServer('worker-a')
  await page.goto(await startVite())
  await expect(page.getByRole('listitem')).toHaveText(['worker-a: connected'])
  await page.getByRole('button', { name: 'Say hello to worker-a' }).click()
  await expect(page.locator('pre')).toHaveText('Echo: hello')
  await first.stop('SIGKILL')
  await expect(page.getByRole('button')).toBeDisabled()
  await startServer('worker-a')
  await page.getByRole('button').click()
  await expect(page.locator('pre')).toContainText(/hello\s+Echo: hello/)
})
