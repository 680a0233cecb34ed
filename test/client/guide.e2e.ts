/** `docs/guide/getting-started.md` and `docs/guide/react.md`, done as they say. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { expect, test } from './fixtures.js'

const read = (page: string): string => readFileSync(join(projectRoot, 'docs/guide', page), 'utf8')

/** The files that a page of the guide has its readers write: a name in backquotes, and the block that follows. */
function filesOf(markdown: string): [name: string, text: string][] {
  const blocks = markdown.matchAll(/^`([\w.]+\.(?:jsx?|html))`[^\n]*\n\n```\w+\n([\s\S]*?)^```/gm)
  return Array.from(blocks, ([, name = '', text = '']) => [name, text])
}

/** A project of its own with these files and the package, as `npm init` and `npm install` make it. */
function makeProject(home: TestHome, files: readonly [name: string, text: string][]) {
  // Inside of ours, so that it finds what the package and the guide need.
  mkdirSync(join(projectRoot, 'test-results'), { recursive: true })
  const directory = mkdtempSync(join(projectRoot, 'test-results', 'guide-'))
  home.onCleanUp(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'package.json'), '{ "name": "ports", "type": "module" }')
  for (const [name, text] of files) writeFileSync(join(directory, name), text)
  for (const part of ['package.json', 'dist'])
    cpSync(join(projectRoot, part), join(directory, 'node_modules/wsyard', part), { recursive: true })

  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1', FORCE_COLOR: '' }
  const start = (...args: string[]) => home.own(startProcess(process.execPath, args, { env, cwd: directory }))
  return {
    async startServer(name: string) {
      const server = start('server.js', name)
      await server.printed(/listens at port \d+/)
      return server
    },
    async startVite() {
      const vite = start(join(projectRoot, 'node_modules/vite/bin/vite.js'), '--port', '0')
      const [, url = ''] = await vite.printed(/Local:\s+(http:\/\/localhost:\d+\/)/)
      return url
    },
  }
}

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
