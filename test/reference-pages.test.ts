/** `docs/reference` has a page for each subpath of the package, and on it all that the subpath exports, as the sources have it. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRegistry } from '../src/registry/index.js'
import { type Exported, exportsOf, type Member } from './support/exported.js'
import {
  anchorsOf,
  linksOf,
  namesIn,
  readPage,
  referenceDirectory,
  type Section,
  sectionsOf,
  subpaths,
} from './support/reference-page.js'

/** The first column of a table of what may stand in a URL. */
const inUrl = 'in the URL'

/** What is looked up by its members, and so never stands in a line of other types. */
const hasTable = /(?:Options|Details|Props|Events)$/

describe.each(subpaths)('docs/reference/%s.md', (subpath) => {
  const page = readPage(subpath)
  const sections = sectionsOf(page)
  const exported = exportsOf(subpath)
  const ofExports = sections.filter(({ isCode }) => isCode)
  const listed = sections
    .filter(({ isCode, columns: [first] }) => !isCode && first !== inUrl)
    .flatMap(({ rows }) => rows.map(([name = '']) => name))

  it('begins with its subpath', () => {
    expect(page).toMatch(new RegExp(`^# \`wsyard/${subpath}\`\n\n`))
  })

  it('has every export once, and nothing else', () => {
    const found = [...ofExports.map(({ heading }) => heading), ...listed]
    expect(exported.length).toBeGreaterThan(0)
    expect(found.sort()).toEqual(exported.map(({ name }) => name).sort())
  })

  it('has a heading for every value and for what has options or events', () => {
    const inLine = exported.filter(({ name }) => listed.includes(name))
    expect(inLine.filter(({ name, kind }) => !isType(kind) || hasTable.test(name))).toEqual([])
  })

  it('has a signature for every function', () => {
    const functions = exported.filter(({ kind }) => kind === 'function').map(({ name }) => name)
    const signed = ofExports.filter(({ signature }) => signature !== undefined)
    expect(signed.map(({ heading }) => heading)).toEqual(
      ofExports.map(({ heading }) => heading).filter((name) => functions.includes(name)),
    )
    for (const { heading, signature } of signed)
      expect(signature).toMatch(new RegExp(`^${heading}[(<].*\\): `))
  })

  it('has below the heading of an interface its members, with their defaults', () => {
    for (const section of ofExports) {
      const { name, members } = exportOf(section, exported)
      const shown = new Set(section.rows.flatMap(([cell = '']) => namesIn(cell)))
      expect([...shown].sort(), name).toEqual(members.map((member) => member.name).sort())
      if (/(?:Options|Details|Props)$/.test(name))
        for (const member of members) expectDefault(section, member)
    }
  })

  it('links to what is there', () => {
    for (const { path, anchor } of linksOf(page)) {
      const target = resolve(referenceDirectory, path === '' ? `${subpath}.md` : path)
      expect(existsSync(target), path).toBe(true)
      if (anchor !== '') expect(anchorsOf(readFileSync(target, 'utf8')), path).toContain(anchor)
    }
  })
})

it('docs/reference/etcd.md has the options of the URL', () => {
  const [section] = sectionsOf(readPage('etcd')).filter(({ columns: [first] }) => first === inUrl)
  const shown = section?.rows.map(([name]) => name).join(', ')
  expect(() => openRegistry({ registry: 'etcd://host?nonsense=1' })).toThrow(`(there are ${shown})`)
})

function isType(kind: Exported['kind']): boolean {
  return kind === 'interface' || kind === 'type'
}

function exportOf({ heading }: Section, exported: readonly Exported[]): Exported {
  const found = exported.find(({ name }) => name === heading)
  if (found === undefined) throw new Error(`"${heading}" is not exported.`)
  return found
}

/** The second cell has what the docstring has behind `@default`, and may go on; else it says that there is none. */
function expectDefault({ heading, rows }: Section, { name, isOptional, fallback }: Member): void {
  const cell = rows.find(([first]) => first === name)?.[1]
  const text = fallback?.replaceAll('`', '') ?? (isOptional ? 'none' : 'required')
  expect(`${cell} `, `${heading}.${name}`).toSatisfy((shown: string) => shown.startsWith(`${text} `))
}
