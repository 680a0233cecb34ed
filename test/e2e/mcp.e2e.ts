/** `npm run example:mcp`: ten MCP servers that register a WebSocket server each, ten MCP clients, and one page. */

import { join } from 'node:path'
import { indexIds } from '../support/index-file.js'
import { isLong } from '../support/length.js'
import { projectRoot, startProcess } from '../support/processes.js'
import { expect, test } from './fixtures.js'

test.skip(({ vite }) => vite === 'preview', 'the example has a Vite of its own')

test('a page sees ten agents, talks with all of them, and none is left when their clients are killed', async ({
  home,
  page,
}) => {
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  const env = { SHIPYARD_HOME: home.path, FORCE_COLOR: '0' }
  const script = join(projectRoot, 'examples/mcp/demo.js')
  const demo = home.own(startProcess(process.execPath, [script, '--port', '0'], { env, group: true }))
  const [, url = ''] = await demo.printed(/Open (http:\S+)/)
  const pids = Array.from(
    demo.output().matchAll(/^(agent-\d+) runs as process (\d+)$/gm),
    ([, name, pid]) => ({
      name: `${name}`,
      pid: Number(pid),
    }),
  )
  expect(pids.map(({ name }) => name).sort()).toEqual(names.toSorted())

  await page.goto(url)
  await expect(page.getByRole('status')).toHaveText('10 agents, the hub is live')
  const card = (name: string) => page.getByRole('region', { name, exact: true })
  for (const name of names) {
    await expect(card(name)).toContainText(/demo-of-agent-\d+ · port \d+ · connected/)
    await expect(card(name).getByRole('listitem')).toHaveText([`I have heard: Hello, ${name}`])
  }
  await page.getByLabel('Message').fill('How are you?')
  await page.getByRole('button', { name: 'Send' }).click()
  for (const name of names)
    await expect(card(name).getByRole('listitem').last()).toHaveText('I have heard: How are you?')

  const [first] = pids
  if (first) process.kill(first.pid, 'SIGKILL')
  await expect(page.getByRole('status')).toHaveText('9 agents, the hub is live')
  await expect(card(`${first?.name}`)).toHaveCount(0)
  await demo.printed(new RegExp(`^${first?.name} has gone`, 'm'))

  await expect.poll(() => indexIds(home.indexPath)).toHaveLength(9)
  process.kill(demo.pid, 'SIGKILL') // the clients alone: their servers find that their input has ended
  await expect.poll(() => indexIds(home.indexPath)).toEqual([])
  await expect.poll(() => pids.filter(({ pid }) => isRunning(pid))).toEqual([])
  expect(errors).toEqual([])
})

test('Ctrl+C leaves nothing behind', async ({ home }) => {
  test.skip(!isLong, 'in the long form')
  const env = { SHIPYARD_HOME: home.path, FORCE_COLOR: '0' }
  const demo = home.own(
    startProcess('npm', ['run', 'example:mcp', '--', '--port', '0'], { env, group: true }),
  )
  await demo.printed(/Open http:/)
  const pids = Array.from(demo.output().matchAll(/runs as process (\d+)$/gm), ([, pid]) => Number(pid))
  expect(indexIds(home.indexPath)).toHaveLength(10)
  await demo.stop('SIGINT')
  expect(indexIds(home.indexPath)).toEqual([])
  await expect.poll(() => pids.filter(isRunning)).toEqual([])
})

const names = Array.from({ length: 10 }, (_, index) => `agent-${index + 1}`)

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
