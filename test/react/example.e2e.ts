/** `examples/vite-react`, started as its README says and used as a person does. */
import { test as base, expect } from '@playwright/test'
import { indexIds } from '../support/index-file.js'
import {
  createTestHome,
  type RunningProcess,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'

const test = base.extend<{ home: TestHome; example: RunningProcess & { url: string } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's pattern
  async home({}, use) {
    await using home = createTestHome()
    await use(home)
  },
  async example({ home }, use) {
    const running = home.own(
      startProcess('npm', ['run', 'example:react', '--', '--port', '0'], {
        env: { SHIPYARD_HOME: home.path, FORCE_COLOR: '0' },
        group: true,
      }),
    )
    const [, url = ''] = await running.printed(/Open (http:\/\/localhost:\d+\/)/)
    await use({ ...running, url })
  },
})

test('the example shows its servers, talks to all and to one, and follows that one over a restart', async ({
  example,
  home,
  page,
}) => {
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  const server = (name: string) => page.getByRole('navigation').getByRole('button', { name })
  const lines = page.getByRole('log').getByRole('listitem')
  const send = async (text: string): Promise<void> => {
    await page.getByLabel('Message').fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }

  await page.goto(example.url)
  await expect(page.getByRole('status')).toHaveText('Hub: live')
  for (const name of ['worker-a', 'worker-b'])
    await expect(server(name)).toContainText(/port \d+ · connected/)
  await send('to all')
  await expect(lines).toHaveCount(2)
  for (const name of ['worker-a', 'worker-b'])
    await expect(lines.filter({ hasText: name })).toHaveText(/Echo: to all/)

  const first = home.own(await startEchoServer(home.path, ['--name', 'third']))
  await server('third').click()
  await expect(page.getByRole('region', { name: 'third' })).toContainText('connected')
  await expect(lines).toHaveCount(0)
  await send('to one')
  await expect(lines).toHaveText([`third [${first.id}] Echo: to one`])

  await first.stop('SIGKILL')
  await expect(page.getByText('There is no such server now.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled()
  const second = home.own(await startEchoServer(home.path, ['--name', 'third']))
  await send('to the next')
  await expect(lines).toHaveText([/to one/, `third [${second.id}] Echo: to the next`])

  await Promise.all([example.stop('SIGINT'), second.stop()])
  expect(indexIds(home.indexPath)).toEqual([])
  expect(errors).toEqual([])
})
