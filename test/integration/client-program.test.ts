/** The client outside of a page: in Node, which has WebSocket since version 22, and before that by a flag. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRegistry } from '../../src/registry/index.js'
import { createServer } from '../../src/server/index.js'
import { startHub } from '../support/hub.js'
import { createTestHome, projectRoot, startProcess } from '../support/processes.js'

const script = join(projectRoot, 'test/support/client-program.js')
const flags = typeof globalThis.WebSocket === 'undefined' ? ['--experimental-websocket'] : []

describe('the client in a program', () => {
  it.each(['open', 'token'] as const)(
    'talks with a server that is %s, and lets the program end',
    async (auth) => {
      await using home = createTestHome()
      const registry = openRegistry({ home: home.path })
      home.onCleanUp(() => registry.close())
      const server = await createServer({
        registry,
        name: 'echo',
        auth,
        onConnection: (socket) => socket.on('message', (data) => socket.send(`heard ${data}`)),
      })
      home.onCleanUp(() => server.close())
      const hub = await startHub(home)
      const program = home.own(startProcess(process.execPath, [...flags, script, new URL(hub.url).origin]))
      await program.printed(/socket: heard hello/)
      await program.printed(/closed: 4000 enough true/)
      expect(await program.ended).toBe(0)
    },
  )
})
