/** The examples of docs/reference/registry-file.md, run as they stand there. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseManagedEntry } from '../../src/registry/entry-schema.js'
import { startHub } from '../support/hub.js'
import { createTestHome, projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { needTool } from '../support/tools.js'

const page = readFileSync(join(projectRoot, 'docs/reference/registry-file.md'), 'utf8')

function example(language: string): string {
  const code = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1]
  if (code === undefined) throw new Error(`The page has no example in ${language}.`)
  return code
}

/** Puts the example beside the registry, where the test's end removes it. */
function write(home: TestHome, name: string, text: string): string {
  const path = join(dirname(home.path), name)
  writeFileSync(path, text)
  return path
}

/** The machine may be busy. */
const patiently = { timeout: 20_000 }

const filesIn = (home: TestHome): string[] => readdirSync(join(home.path, 'servers.d'))

function entryIn(home: TestHome) {
  const [name = ''] = filesIn(home)
  const parsed = parseManagedEntry(JSON.parse(readFileSync(join(home.path, 'servers.d', name), 'utf8')))
  if (!parsed.ok) throw new Error(parsed.problem)
  expect(name).toBe(`${parsed.entry.id}.json`)
  return parsed.entry
}

describe('docs/reference/registry-file.md', () => {
  it('shows an entry that is one', () => {
    expect(parseManagedEntry(JSON.parse(example('json')))).toMatchObject({ ok: true })
  })

  it('has Python that registers a port until the program ends', async (context) => {
    needTool(context, 'python3', 'python3')
    await using home = createTestHome()
    const hub = await startHub(home)
    const ending = '\nprint(register(8080, "snake"), flush=True)\nsignal.pause()\n'
    const script = write(home, 'register.py', example('python') + ending)
    const running = home.own(startProcess('python3', [script], { env: { SHIPYARD_HOME: home.path } }))
    const [id] = await running.printed(/^server-\d+-\w+$/m)
    expect(entryIn(home)).toMatchObject({ id, port: 8080, pid: running.pid, name: 'snake' })
    await expect.poll(hub.ids, patiently).toEqual([id])
    expect(await running.stop('SIGTERM')).toBe(0)
    expect(filesIn(home)).toEqual([])
    await expect.poll(hub.ids, patiently).toEqual([])
  })

  it('has a shell script that registers a server for as long as it runs', async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const script = write(home, 'register.sh', example('sh'))
    const command = ['8080', process.execPath, '-e', 'console.log(process.pid); setInterval(() => {}, 1000)']
    const running = home.own(startProcess('sh', [script, ...command], { env: { SHIPYARD_HOME: home.path } }))
    const [pid] = await running.printed(/^\d+$/m)
    await expect.poll(hub.ids, patiently).toHaveLength(1)
    expect(entryIn(home)).toMatchObject({ port: 8080, pid: Number(pid) })
    expect(await running.stop('SIGTERM')).toBe(0)
    expect(filesIn(home)).toEqual([])
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
    await expect.poll(hub.ids, patiently).toEqual([])
  })

  it('has a shell script that ends with its server', async () => {
    await using home = createTestHome()
    const script = write(home, 'register.sh', example('sh'))
    const command = ['8080', process.execPath, '-e', '']
    const running = home.own(startProcess('sh', [script, ...command], { env: { SHIPYARD_HOME: home.path } }))
    expect(await running.ended, running.output()).toBe(0)
    expect(filesIn(home)).toEqual([])
  })
})
