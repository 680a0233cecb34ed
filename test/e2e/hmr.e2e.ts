/** Vite's own WebSocket beside the hub's, under attack: a module that is edited reaches the page without a reload. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { hostileUpgrade } from '../support/hostile.js'
import { projectRoot, startProcess } from '../support/processes.js'
import { seededRandom } from '../support/seeded-random.js'
import { expect, test } from './fixtures.js'

test('modules are updated in place while hostile upgrades come in (row 24)', async ({
  home,
  page,
  vite: mode,
}) => {
  test.skip(mode === 'preview', 'a built page is not updated')
  const root = join(home.path, '..', 'site')
  mkdirSync(root)
  const plugin = join(projectRoot, 'dist/vite/index.js')
  writeFileSync(
    join(root, 'vite.config.js'),
    `import { wsyard } from '${plugin}'\nexport default { plugins: [wsyard()] }\n`,
  )
  writeFileSync(join(root, 'index.html'), '<h1></h1><script type="module" src="./main.js"></script>')
  const write = (text: string): void =>
    writeFileSync(
      join(root, 'main.js'),
      `document.querySelector('h1').textContent = '${text}'\nimport.meta.hot.accept()\n`,
    )
  write('first')
  const command = [
    join(projectRoot, 'node_modules/vite/bin/vite.js'),
    root,
    '--port',
    '0',
    '--host',
    '127.0.0.1',
  ]
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1', FORCE_COLOR: '' }
  const running = home.own(startProcess(process.execPath, command, { env }))
  const [url, port] = await running.printed(/http:\/\/127\.0\.0\.1:(\d+)\//)
  await page.goto(url)
  await expect(page.getByRole('heading')).toHaveText('first')
  await page.evaluate(() => Object.assign(window, { isStillTheSamePage: true }))

  const random = seededRandom(7)
  let [isOver, sent] = [false, 0]
  const flood = async (): Promise<void> => {
    while (!isOver && sent < 20_000) {
      sent += 1
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(hostileUpgrade(random), 'latin1'))
        socket.on('data', () => socket.destroy())
        socket.on('error', () => {})
        socket.on('close', () => resolve())
        socket.setTimeout(100, () => socket.destroy())
      })
    }
  }
  const floods = Array.from({ length: 8 }, flood)
  for (const text of ['second', 'third', 'fourth']) {
    const before = sent
    await expect.poll(() => sent).toBeGreaterThan(before + 50)
    write(text)
    await expect(page.getByRole('heading')).toHaveText(text)
  }
  isOver = true
  await Promise.all(floods)
  expect(await page.evaluate(() => 'isStillTheSamePage' in window)).toBe(true)
})
