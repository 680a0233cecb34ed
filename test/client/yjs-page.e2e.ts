/** `npm run example:yjs-page`, as two people use it. */
import { join } from 'node:path'
import { projectRoot, startProcess } from '../support/processes.js'
import { expect, test } from './fixtures.js'

test('what one person writes the other reads, and the other way round', async ({ home, page, context }) => {
  const command = ['--page', 'examples/yjs/page', '--server', 'examples/yjs/server.js', 'yjs']
  const env = { SHIPYARD_HOME: home.path, FORCE_COLOR: '0' }
  const script = join(projectRoot, 'scripts/start.js')
  const running = home.own(startProcess(process.execPath, [script, ...command], { env, group: true }))
  const [, url = ''] = await running.printed(/Open (http:\S+)/)
  const other = await context.newPage()
  for (const one of [page, other]) {
    await one.goto(url)
    await expect(one.getByText(/Connected to the server at port \d+/)).toBeVisible()
  }
  await page.getByRole('textbox').fill('milk and bread')
  await expect(other.getByRole('textbox')).toHaveValue('milk and bread')
  await other.getByRole('textbox').fill('milk, eggs and bread')
  await expect(page.getByRole('textbox')).toHaveValue('milk, eggs and bread')
})
