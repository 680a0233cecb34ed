/**
 * A disk that takes no more: full (a small tmpfs), or files may not grow (`ulimit -f`), or it fails (EIO). A program that
 * registers is told so; a server that has registered goes on.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import {
  expectToOutlive,
  mountSmallDisk,
  type SmallDisk,
  startSteadyServer,
} from '../../support/broken-disk.js'
import { indexIds } from '../../support/index-file.js'
import { createNeighbourhood } from '../../support/neighbourhood.js'
import { createTestHome } from '../../support/processes.js'
import { startStepper } from '../../support/stepper.js'
import { attach, needStrace, type Tracer } from '../../support/strace.js'
import { needRoot, needTool } from '../../support/tools.js'

const unwritable = /^failed WSYARD_ERR_REGISTRY_UNWRITABLE: Cannot write .*/

describe.concurrent('a full disk (ENOSPC, row 2)', { timeout: 120_000 }, () => {
  it('makes register throw a typed error, changes no file, and is no matter once there is room', async (context) => {
    needRoot(context)
    let disk: SmallDisk | undefined
    await using place = await createNeighbourhood({
      prepare: (home) => {
        disk = mountSmallDisk(home)
      },
    })
    const writer = await startStepper({ home: place.path, id: 'writer' })
    place.onCleanUp(writer.kill)
    disk?.fill()
    const before = readFileSync(place.indexPath, 'utf8')
    for (const _ of ['once', 'again']) {
      const answer = await writer.run('register')
      expect(answer).toMatch(unwritable)
      expect(answer).toContain('ENOSPC')
    }
    expect(readFileSync(place.indexPath, 'utf8')).toBe(before)
    expect(place.leftOvers()).toEqual([])
    place.expectWhole([])
    disk?.free()
    expect(await writer.run('register')).toMatch(/^registered/)
    place.expectWhole(['writer'])
  })

  it('that has room for the entry alone leaves the index whole, and lets it follow once there is room', async (context) => {
    needRoot(context)
    let disk: SmallDisk | undefined
    await using place = await createNeighbourhood({
      prepare: (home) => {
        disk = mountSmallDisk(home)
      },
    })
    disk?.fill(1)
    const server = await startSteadyServer(place)
    expect(server.output()).toMatch(/^warning WSYARD_ERR_REGISTRY_UNWRITABLE: .*ENOSPC/m)
    place.expectWhole([])
    expect((await place.registry.list()).map(({ id }) => id)).toContain(server.id)
    disk?.free()
    await vi.waitFor(() => expect(indexIds(place.indexPath)).toContain(server.id), { timeout: 10_000 })
    place.expectWhole([server.id])
  })

  it('does not stop a server that has registered, which is in the registry again once there is room', async (context) => {
    needRoot(context)
    await using home = createTestHome()
    const disk = mountSmallDisk(home)
    const server = await startSteadyServer(home)
    await expectToOutlive(home, server, { begin: () => disk.fill(), end: () => disk.free() })
  })
})

describe.concurrent('a limit to the size of files (EFBIG, row 2)', { timeout: 120_000 }, () => {
  it('makes register throw a typed error and changes no file', async () => {
    await using place = await createNeighbourhood()
    const writer = await startStepper({ home: place.path, id: 'writer', wrapper: limited(0) })
    place.onCleanUp(writer.kill)
    const before = readFileSync(place.indexPath, 'utf8')
    for (const _ of ['once', 'again']) {
      const answer = await writer.run('register')
      expect(answer).toMatch(unwritable)
      expect(answer).toContain('EFBIG')
    }
    expect(readFileSync(place.indexPath, 'utf8')).toBe(before)
    expect(place.leftOvers()).toEqual([])
    place.expectWhole([])
  })

  it('that the index alone exceeds never leaves half an index, and the next writer brings it in step', async () => {
    await using place = await createNeighbourhood()
    const writer = await startStepper({ home: place.path, id: 'writer', wrapper: limited(1) })
    const next = await startStepper({ home: place.path, id: 'next' })
    for (const { kill } of [writer, next]) place.onCleanUp(kill)
    expect(await writer.run('register')).toMatch(/^registered/)
    expect(writer.output()).toMatch(/^warning WSYARD_ERR_REGISTRY_UNWRITABLE: .*EFBIG/m)
    expect(place.leftOvers()).toEqual([])
    place.expectWhole([])
    expect(await next.run('register')).toMatch(/^registered/)
    place.expectWhole(['next', 'writer'])
  })

  it('does not stop a server that has registered, which is in the registry again without it', async (context) => {
    needTool(context, 'prlimit', 'util-linux')
    await using home = createTestHome()
    const limit = (pid: number, soft: string) =>
      execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:unlimited`])
    await expectToOutlive(home, await startSteadyServer(home), {
      begin: ({ pid }) => limit(pid, '0'),
      end: ({ pid }) => limit(pid, 'unlimited'),
    })
  })
})

describe.concurrent('a failing disk (EIO, row 2)', { timeout: 120_000 }, () => {
  it.for(['once', 'for good'])(
    'does not stop a server that has registered, which is in the registry again after it failed %s',
    async (duration, context) => {
      await needStrace(context)
      await using home = createTestHome()
      const server = await startSteadyServer(home)
      let tracer: Tracer | undefined
      // An entry gets its name by either.
      const inject = [`/^(link|rename):error=EIO${duration === 'once' ? ':when=1' : ''}`]
      await expectToOutlive(home, server, {
        async begin({ pid }) {
          tracer = await attach(pid, home.path, { inject })
        },
        end: () => (duration === 'once' ? undefined : tracer?.detach()),
      })
      expect(tracer?.output()).toContain('(INJECTED)')
      await tracer?.detach()
    },
  )
})

/** So many blocks of 512 bytes. Node ignores the signal that comes with the error. */
function limited(blocks: number): string[] {
  return ['sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh']
}
