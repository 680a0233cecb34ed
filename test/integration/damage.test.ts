/** What happens to `servers.json` and its directory while servers run (rows of the fault list in the titles). */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startHub, type TestHub } from '../support/hub.js'
import { indexIds, indexIdsOrNone, readIndex } from '../support/index-file.js'
import {
  createTestHome,
  type EchoServer,
  removeHome,
  startEchoServer,
  startSpikeServer,
  type TestHome,
} from '../support/processes.js'

async function startTwo(home: TestHome): Promise<EchoServer[]> {
  const start = async () => home.own(await startEchoServer(home.path))
  return Promise.all([start(), start()])
}

/** Two servers of ours and one foreign, a hub that sees them, and their ids. */
async function startAll(home: TestHome): Promise<{ hub: TestHub; ids: string[]; foreignId: string }> {
  const hub = await startHub(home)
  const ours = await startTwo(home)
  const foreign = home.own(await startSpikeServer(home.path))
  const ids = [...ours, foreign].map(({ id }) => id).sort()
  const areThere = async (): Promise<void> =>
    expect([await hub.ids(), indexIds(home.indexPath)]).toEqual([ids, ids])
  await vi.waitFor(areThere, { timeout: 30_000 })
  return { hub, ids, foreignId: foreign.id }
}

const isAside = (name: string): boolean => name.startsWith('servers.json.corrupt-')

describe('servers.json, damaged with servers running and a hub', () => {
  let home: TestHome
  let all: Awaited<ReturnType<typeof startAll>>
  beforeAll(async () => {
    home = createTestHome()
    all = await startAll(home)
  })
  afterAll(() => home[Symbol.asyncDispose]())

  it.each([
    ['deleted (row 9)', (path: string) => rmSync(path), 0],
    ['emptied (row 4)', (path: string) => truncateSync(path), 0],
    ['filled with garbage (row 4)', (path: string) => writeFileSync(path, 'not { json'), 1],
    ['filled with NULs (row 4)', (path: string) => writeFileSync(path, Buffer.alloc(4096)), 1],
    ['cut in half (row 4)', (path: string) => truncateSync(path, 150), 1],
    ['10 MB long (row 4)', (path: string) => writeFileSync(path, Buffer.alloc(10_000_000, 'x')), 1],
    ['nested 100,000 deep (row 4)', (path: string) => writeFileSync(path, '['.repeat(100_000)), 1],
    ['valid but nested 100,000 deep (row 4)', (path: string) => writeFileSync(path, deepIndex()), 1],
    ['another JSON document (row 4)', (path: string) => writeFileSync(path, '{"name": "package"}'), 1],
  ])('%s: the view stands and the file is right again', async (_what, damage, setAside) => {
    const { hub, ids } = all
    const asideBefore = readdirSync(home.path).filter(isAside).length
    damage(home.indexPath)
    const seen: string[][] = []
    await expect
      .poll(async () => {
        seen.push(await hub.ids())
        return indexIdsOrNone(home.indexPath)
      })
      .toEqual(ids)
    expect(seen.filter((view) => view.join() !== ids.join())).toEqual([])
    const aside = readdirSync(home.path).filter(isAside)
    expect(aside).toHaveLength(asideBefore + setAside)
    const warned = hub.warnings.filter(({ code }) => code === 'WSYARD_ERR_INDEX_CORRUPT')
    expect(warned.every(({ message }) => message.includes(home.indexPath))).toBe(true)
  })
})

describe('servers.json, with servers running and a hub', () => {
  it('with a byte order mark and CRLF is read as usual, and left without the mark (row 5)', async () => {
    await using home = createTestHome()
    const { hub, ids, foreignId } = await startAll(home)
    const lines = readIndex(home.indexPath)
    const added = { id: 'by-notepad', port: lines[0]?.port, pid: process.pid }
    const text = JSON.stringify({ servers: [...lines, added] }, null, 2).replaceAll('\n', '\r\n')
    writeFileSync(home.indexPath, `\uFEFF${text}`)
    const all = ['by-notepad', ...ids].sort()
    await expect.poll(hub.ids).toEqual(all)
    await expect.poll(() => readFileSync(home.indexPath).toString().charAt(0)).toBe('{')
    expect(
      readIndex(home.indexPath)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(all)
    expect(hub.warnings).toEqual([])
    expect(foreignId).toBeTruthy()
  })

  it('keeps unknown fields of foreign entries and of the top level (row 7)', async () => {
    await using home = createTestHome()
    await startAll(home)
    const before = JSON.parse(readFileSync(home.indexPath, 'utf8'))
    const odd = { id: 'odd', port: 4000, pid: process.pid, nested: { deep: [1, { x: null }] }, ключ: '値' }
    writeFileSync(
      home.indexPath,
      JSON.stringify({ ...before, owner: 'me', servers: [odd, ...before.servers] }),
    )
    const late = home.own(await startEchoServer(home.path))
    await expect.poll(() => indexIds(home.indexPath)).toContain(late.id)
    const after = JSON.parse(readFileSync(home.indexPath, 'utf8'))
    expect(after.owner).toBe('me')
    expect(after.servers[0]).toEqual(odd)
  })

  it('with entries of wrong types serves the others, and says which were skipped (row 8)', async () => {
    await using home = createTestHome()
    const { hub, ids } = await startAll(home)
    const before = JSON.parse(readFileSync(home.indexPath, 'utf8'))
    const wrong = ['80', -1, 1.5, 70_000].map((port, position) => ({ id: `wrong-${position}`, port, pid: 1 }))
    writeFileSync(home.indexPath, JSON.stringify({ servers: [...wrong, 'text', null, ...before.servers] }))
    const late = home.own(await startEchoServer(home.path))
    await expect.poll(hub.ids).toEqual([...ids, late.id].sort())
    await expect
      .poll(() => hub.warnings.filter(({ code }) => code === 'WSYARD_ERR_ENTRY_CORRUPT').length)
      .toBe(6)
    const text = hub.warnings.map(({ message }) => message).join('\n')
    for (const value of ['"80"', '-1', '1.5', '70000']) expect(text).toContain(`got ${value}`)
  })

  it('that is a directory gives 503 naming it and the next step, and is well again when it is moved away', async () => {
    await using home = createTestHome()
    const { hub, ids } = await startAll(home)
    rmSync(home.indexPath)
    mkdirSync(home.indexPath)
    await expect.poll(async () => (await hub.snapshot()).status).toBe(503)
    const { error } = (await (await hub.snapshot()).json()) as { error: { code: string; message: string } }
    expect(error.code).toBe('WSYARD_ERR_FILE_REFUSED')
    expect(error.message).toContain(home.indexPath)
    expect(error.message).toContain('Move it away')
    rmSync(home.indexPath, { recursive: true })
    await expect.poll(async () => (await hub.snapshot()).status).toBe(200)
    expect(await hub.ids()).toEqual(ids)
    await expect.poll(() => indexIdsOrNone(home.indexPath)).toEqual(ids)
  })

  it('that is a symbolic link is refused, and what it points to is untouched', async () => {
    await using home = createTestHome()
    const { hub } = await startAll(home)
    const target = join(home.path, '..', 'precious.json')
    writeFileSync(target, '{"servers": []}')
    rmSync(home.indexPath)
    symlinkSync(target, home.indexPath)
    await expect.poll(async () => (await hub.snapshot()).status).toBe(503)
    appendFileSync(target, ' ')
    expect(readFileSync(target, 'utf8')).toBe('{"servers": []} ')
  })
})

describe('the whole directory, removed while servers run (row 9)', () => {
  it('is back with every server of ours, and with those the hub knew, and not with the dead', async () => {
    await using home = createTestHome()
    const { hub, ids } = await startAll(home)
    const dead = home.own(await startEchoServer(home.path))
    await expect.poll(hub.ids).toContain(dead.id)
    await dead.stop('SIGKILL')
    await expect.poll(hub.ids).toEqual(ids)
    const seen: string[][] = []
    removeHome(home)
    await expect
      .poll(async () => {
        seen.push(await hub.ids())
        return indexIdsOrNone(home.indexPath)
      })
      .toEqual(ids)
    expect(seen.filter((view) => view.join() !== ids.join())).toEqual([])
  })

  it('is back without a hub too, by the servers themselves', async () => {
    await using home = createTestHome()
    const servers = await startTwo(home)
    removeHome(home)
    const ids = servers.map(({ id }) => id).sort()
    await expect.poll(() => indexIdsOrNone(home.indexPath), { timeout: 15_000 }).toEqual(ids)
  })
})

describe('the place of the registry', () => {
  it('that is a plain file gives 503 naming it, the program lives, and all is well once it is moved away', async () => {
    await using home = createTestHome()
    writeFileSync(home.path, 'not a directory')
    const hub = await startHub(home)
    await expect.poll(async () => (await hub.snapshot()).status).toBe(503)
    expect(await (await hub.snapshot()).text()).toContain(home.path)
    rmSync(home.path)
    const server = home.own(await startEchoServer(home.path))
    await expect.poll(async () => (await hub.snapshot()).status, { timeout: 10_000 }).toBe(200)
    await expect.poll(hub.ids).toEqual([server.id])
  })

  it('keeps a foreign server whose id a broken file in servers.d has', async () => {
    await using home = createTestHome()
    const { hub, ids, foreignId } = await startAll(home)
    writeFileSync(join(home.path, 'servers.d', `${foreignId}.json`), '{ torn')
    const late = home.own(await startEchoServer(home.path))
    const all = [...ids, late.id].sort()
    await expect.poll(hub.ids).toEqual(all)
    await expect.poll(() => indexIds(home.indexPath)).toEqual(all)
  })
})

function deepIndex(): string {
  const depth = 100_000
  return `{"servers":[{"id":"deep","port":1,"pid":1,"x":${'['.repeat(depth)}${']'.repeat(depth)}}]}`
}
