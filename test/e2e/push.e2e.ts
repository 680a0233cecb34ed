/** The push socket as a page has it: a browser's own WebSocket, at the page's own port. */
import type { PushMessage } from '../../src/core/index.js'
import { expect, test } from './fixtures.js'

declare global {
  interface Window {
    messages: PushMessage[]
  }
}

test('a page is told the list and then every change by one WebSocket at its own port', async ({
  page,
  startServer,
  url,
}) => {
  const early = await startServer()
  await page.goto(url)
  const protocol = await page.evaluate(async () => {
    window.messages = []
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/registry`, 'wsyard.v1')
    socket.onmessage = ({ data }) => window.messages.push(JSON.parse(data))
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onclose = reject
    })
    return socket.protocol
  })
  expect(protocol).toBe('wsyard.v1')
  const last = () => page.evaluate(() => window.messages.findLast(({ type }) => type !== 'bookmark'))
  await expect.poll(last).toMatchObject({ type: 'snapshot', entries: [{ id: early.id, port: early.port }] })

  const late = await startServer()
  const server = { id: late.id, port: late.port, state: 'up' }
  await expect.poll(last).toMatchObject({ type: 'change', changes: [{ type: 'added', entry: server }] })
  await late.stop('SIGKILL')
  const removed = { type: 'removed', entry: { id: late.id }, reason: 'exited' }
  await expect.poll(last).toMatchObject({ type: 'change', changes: [removed] })
})
