/** Against a gateway that ends its watches in ways in which etcd is not easily brought to end them. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { createEtcdClient } from './client/etcd-client.js'
import { toBase64, type WatchedEvent } from './client/wire.js'
import { createEntryFormat } from './entry-format.js'
import { follow } from './follow.js'
import { keysBelow } from './keys.js'
import { createStore } from './store.js'

const keys = keysBelow('p/')
const header = { cluster_id: '1', revision: '10000' }

const created = `${JSON.stringify({ result: { header, created: true } })}\n`

/** A message that says what revisions from one up to another have changed, each with so many bytes. */
function message(from: number, to: number, bytes = 10): string {
  const value = toBase64('x'.repeat(bytes))
  const events = Array.from({ length: to - from + 1 }, (_, position): WatchedEvent => {
    const revision = String(from + position)
    return { kv: { key: keys.entry(`id-${revision}`), mod_revision: revision, value } }
  })
  return `${JSON.stringify({ result: { header, events } })}\n`
}

/** What is said to the first who watches from a revision, to the second, and so on. */
type Watch = (response: ServerResponse, from: number) => void

interface Followed extends AsyncDisposable {
  /** In the order in which they were told. */
  readonly revisions: number[]
  readonly problems: unknown[]
  readonly lists: unknown[]
}

async function followed(watches: readonly Watch[], answers: Record<string, unknown> = {}): Promise<Followed> {
  let count = 0
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url !== '/v3/watch') {
      const empty = { header: { ...header, revision: '0' } }
      response.end(JSON.stringify(answers[request.url ?? ''] ?? empty))
      return
    }
    const [chunk] = (await once(request, 'data')) as [Buffer]
    const from = Number(JSON.parse(chunk.toString().split('\n')[0] ?? '').create_request.start_revision)
    const watch = watches[Math.min(count, watches.length - 1)]
    count += 1
    watch?.(response, from)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = createEtcdClient({
    endpoints: [`http://127.0.0.1:${port}`],
    certificates: {},
    answerMs: 3000,
  })
  const options = { source: 'etcd://127.0.0.1/p', prefix: 'p/', seal: undefined, onWarning: () => {} }
  const store = createStore(client.call, { keys, format: createEntryFormat(options) }, () => {})
  const closing = new AbortController()
  const [revisions, problems, lists]: [number[], unknown[], unknown[]] = [[], [], []]
  const following = follow(
    { client, store, keys },
    {
      onList: (listed) => lists.push(listed),
      onRevision: ([event]) => revisions.push(Number(event?.kv.mod_revision)),
      onProblem: (problem) => problems.push(problem),
    },
    closing.signal,
  )
  return {
    revisions,
    problems,
    lists,
    async [Symbol.asyncDispose]() {
      closing.abort()
      await following
      client.close()
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, position) => position + 1)

it('a watch that is cut in a long catch-up, even within a line, goes on without a gap or a repeat', async () => {
  await using following = await followed([
    (response) => {
      response.write(created + message(1, 1000))
      response.write(message(1001, 2000).slice(0, 50_000), () => response.destroy())
    },
    (response) => response.write(created, () => response.destroy()),
    (response, from) => {
      response.write(created + message(from, 2000))
      response.write(message(2001, 3500, 4000)) // a line of eight million characters
    },
  ])
  await expect.poll(() => following.revisions.at(-1)).toBe(3500)
  expect(following.revisions).toEqual(numbers(3500))
  expect(following.lists).toHaveLength(1)
})

it('the last words of a member are heard though they lack the end of their line', async () => {
  const error = { grpc_code: 14, http_code: 503, message: 'etcdserver: no leader' }
  await using following = await followed([
    (response) => response.end(JSON.stringify({ error })),
    (response) => response.end(JSON.stringify({ error })),
    (response) => response.write(created + message(1, 3)),
  ])
  await expect.poll(() => following.revisions).toEqual([1, 2, 3])
  const [listed, problem, over] = following.problems
  expect([listed, over]).toEqual([undefined, undefined])
  expect(problem).toMatchObject({ message: expect.stringContaining('no leader'), outlook: 'again' })
})

it('a member that falls silent is left within seconds', async () => {
  await using following = await followed([
    (response) => response.write(created + message(1, 2)),
    (response, from) => response.write(created + message(from, 4)),
  ])
  await expect.poll(() => following.revisions).toEqual([1, 2, 3, 4])
}, 30_000)

it('a member that ends each watch as soon as it has begun is asked less and less often, and that is a problem', async () => {
  let watches = 0
  await using following = await followed([
    (response) => {
      watches += 1
      response.end(created)
    },
  ])
  const began = performance.now()
  await expect.poll(() => watches, { interval: 5 }).toBe(6)
  expect(performance.now() - began).toBeGreaterThan(500)
  expect(following.problems).toContainEqual(
    expect.objectContaining({ message: expect.stringContaining('has ended the watch') }),
  )
})

it('a watch that says that it goes no further back is begun anew with a list', async () => {
  const canceled = `${JSON.stringify({ result: { header, canceled: true, compact_revision: '15' } })}\n`
  await using following = await followed([
    (response) => response.write(created + canceled + message(1, 3)), // of which nothing is taken for news
    (response) => response.write(created + message(1, 3)),
  ])
  await expect.poll(() => following.revisions).toEqual([1, 2, 3])
  expect(following.lists).toHaveLength(2)
})

it('something else than etcd is a problem, and it is told what it has answered', async () => {
  const nothing = { '/v3/kv/txn': { hello: 'world' } }
  await using following = await followed([], nothing)
  await expect.poll(() => following.problems).toHaveLength(1)
  expect(following.problems[0]).toMatchObject({ message: expect.stringContaining('answered 200 "{"hello"') })
})
