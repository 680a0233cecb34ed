/** `docs/reference/cli.md`, and what helps and documents say that can be typed; and the schemas of what `--json` prints. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliReferenceText } from '../scripts/cli-reference.js'
import { createStandIns } from '../scripts/session/stand-ins.js'
import { commands, loadCommand } from '../src/cli/commands.js'
import { compileSchema, readSchema, schemaNames } from './support/cli-schemas.js'
import { callsIn, idleContext, tryToParse, typedIn } from './support/command-lines.js'
import { projectRoot } from './support/processes.js'
import { anchorsOf, linksOf } from './support/reference-page.js'

const names = Object.keys(commands)
const page = readFileSync(join(projectRoot, 'docs/reference/cli.md'), 'utf8')

/** What a command says of itself, as the page has it. */
function helpOf(name: string): string {
  return page.split(/^## /m).find((section) => section.startsWith(`\`wsyard ${name}\`\n`)) ?? ''
}

async function hasJson(name: string): Promise<boolean> {
  const summary = commands[name]
  const command = summary && (await loadCommand(summary, idleContext))
  return command?.options.some(({ long }) => long === '--json') === true
}

describe('docs/reference/cli.md', () => {
  it('is what the commands say of themselves (else: npm run reference:cli)', async () => {
    expect(page).toBe(await cliReferenceText())
  })

  it('links to what is there', () => {
    for (const { path, anchor } of linksOf(page)) {
      const target = readFileSync(join(projectRoot, 'docs/reference', path), 'utf8')
      if (anchor !== '') expect(anchorsOf(target)).toContain(anchor)
    }
  })

  it.each(names)('has examples of wsyard %s, all of which it understands', async (name) => {
    const [, examples = ''] = helpOf(name).split(/^Examples:$/m)
    const calls = callsIn(examples)
    expect(calls.filter(([called]) => called === name)).not.toEqual([])
    for (const args of calls) await tryToParse(args)
  })
})

describe('what documents say that can be typed', () => {
  const directories = ['.', 'docs/guide', 'docs/recipes', 'docs/reference', 'examples/mcp', 'examples/python']
  const documents = directories.flatMap((directory) =>
    readdirSync(join(projectRoot, directory))
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(directory, file)),
  )
  it.each(documents)('is understood in %s', async (document) => {
    for (const args of callsIn(typedIn(readFileSync(join(projectRoot, document), 'utf8'))))
      await tryToParse(args)
  })

  it('is a session in README.md, with what the command is for (else: npm run session)', () => {
    const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8')
    const [, session = ''] = /<!-- session -->(.*)<!-- \/session -->/s.exec(readme) ?? []
    const called = callsIn(typedIn(session)).map(([name]) => name)
    expect(called).toEqual(expect.arrayContaining(['run', 'ls', 'connect', 'send']))
    expect(createStandIns()(session), 'what differs from run to run').toBe(session)
  })

  it.each([
    [['conect', 'a'], 'There is no command "conect"'],
    [['ls', '--jsn'], "unknown option '--jsn'"],
    [['connect'], "missing required argument 'server'"],
    [['hub', '--auth', 'none'], 'Allowed choices are token, origin'],
  ])('is not understood if it is %j', async (args, why) => {
    await expect(tryToParse(args)).rejects.toThrow(why)
  })
})

describe('schema/cli', () => {
  it('has a schema for each command with --json, and for nothing else but a server', async () => {
    const found = await Promise.all(names.map(hasJson))
    expect([...schemaNames].sort()).toEqual([...names.filter((_, index) => found[index]), 'server'].sort())
  })

  it.each(schemaNames)('has %s as a schema that compiles, and under the name of the package', (name) => {
    compileSchema(name)
    const address = `https://unpkg.com/wsyard/schema/cli/${name}.schema.json`
    const { $schema, $id } = readSchema(name)
    expect([$schema, $id]).toEqual(['https://json-schema.org/draft/2020-12/schema', address])
    const path = createRequire(import.meta.url).resolve(`wsyard/cli/${name}.schema.json`)
    expect(path).toBe(join(projectRoot, `schema/cli/${name}.schema.json`))
  })
})
