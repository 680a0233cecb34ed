/** The pages of `docs/reference` that tell of a subpath each, taken apart. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './processes.js'

export const referenceDirectory = join(projectRoot, 'docs/reference')

/** Those of `exports` in package.json that hold code, without what is the same in all. */
export const subpaths: readonly string[] = Object.keys(
  JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).exports,
).flatMap((subpath) => /^\.\/(\w+)$/.exec(subpath)?.[1] ?? [])

export interface Section {
  /** Without its backquotes. */
  readonly heading: string
  readonly isCode: boolean
  /** The names of its table's columns; none where there is no table. */
  readonly columns: readonly string[]
  /** What its table has, row by row, without backquotes and the line of names. */
  readonly rows: readonly (readonly string[])[]
  /** The code in backquotes by which it begins. */
  readonly signature: string | undefined
}

/** The text of a page without its blocks of code. */
const proseOf = (markdown: string): string => markdown.replaceAll(/^```.*?^```$/gms, '')

export function readPage(subpath: string): string {
  return readFileSync(join(referenceDirectory, `${subpath}.md`), 'utf8')
}

/** A page by its headings. */
export function sectionsOf(markdown: string): Section[] {
  const found = proseOf(markdown).matchAll(/^#+ (.*)\n((?:(?!#).*\n)*)/gm)
  return Array.from(found, ([, heading = '', body = '']) => {
    const [columns = [], , ...rows] = Array.from(body.matchAll(/^\|(.*)\|$/gm), ([, row = '']) =>
      cellsOf(row),
    )
    return {
      heading: heading.replaceAll('`', ''),
      isCode: /^`\w+`$/.test(heading),
      columns,
      rows,
      signature: /^\n`([^`]+)`\n/.exec(body)?.[1],
    }
  })
}

function cellsOf(row: string): string[] {
  return row.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('`', '').trim())
}

/** Where a link leads within a page: its headings as what may stand behind a `#`. */
export function anchorsOf(markdown: string): string[] {
  const headings = proseOf(markdown).matchAll(/^#+ (.*)$/gm)
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** Paths and anchors that a page links to, from where it stands. */
export function linksOf(markdown: string): { path: string; anchor: string }[] {
  const links = proseOf(markdown).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)
  return Array.from(links, ([, path = '', anchor = '']) => ({ path, anchor }))
}

/** What is named in the first cell of a row: one, or several with commas between, methods with their arguments. */
export function namesIn(cell: string): string[] {
  return cell.replaceAll(/\([^)]*\)/g, '').split(', ')
}
