/** The relay as a page has it: a browser's own WebSocket, by its URL alone. */
import { expect, test } from './fixtures.js'

test('a page talks with a server by its name, through its own port', async ({ page, startServer, url }) => {
  const server = await startServer('--name', 'echo')
  await page.goto(url)
  await expect.poll(async () => (await fetch(new URL('/api/registry/echo', url))).status).toBe(426)
  const told = await page.evaluate(async () => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/registry/echo`)
    const answer = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data)
    })
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = reject
    })
    socket.send('from the page')
    const closed = new Promise((resolve) => {
      socket.onclose = ({ code, wasClean }) => resolve({ code, wasClean })
    })
    const said = await answer
    socket.close(4000)
    return { said, closed: await closed }
  })
  expect(told).toEqual({
    said: expect.stringMatching(new RegExp(`^\\[${server.id}\\] Echo: from the page$`)),
    closed: { code: 4000, wasClean: true },
  })
})
