/**
 * What a subpath of the package exports, read from the text of the sources: their formatter sees to it that a declaration begins at the
 * start of a line, its members two spaces further in, and that it ends with a brace at the start of a line.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { projectRoot } from './processes.js'

export interface Exported {
  readonly name: string
  readonly kind: 'function' | 'class' | 'const' | 'interface' | 'type'
  /** Those of an interface or an object type, with what it inherits from one that is not exported beside it. */
  readonly members: readonly Member[]
}

export interface Member {
  readonly name: string
  readonly isOptional: boolean
  /** What its docstring says behind `@default`. */
  readonly fallback: string | undefined
}

/** What `src/<folder>/index.ts` exports. */
export function exportsOf(folder: string): Exported[] {
  const index = join(projectRoot, 'src', folder, 'index.ts')
  const text = readFileSync(index, 'utf8')
  if (text.replaceAll(list, '').trim() !== '') throw new Error(`${index} has more than lists of exports.`)
  const names = listsIn(text).flatMap(({ names }) => names)
  return names.map((name) => {
    const declaration = declarationOf(name, index)
    if (declaration === undefined) throw new Error(`${index} exports "${name}", which is declared nowhere.`)
    return { name, kind: declaration.kind, members: membersOf(declaration, names) }
  })
}

/** `import { … } from` or `export { … } from`. */
const list = /^(?:import|export) (?:type )?\{([^}]*)\} from '([^']+)'/gm

function listsIn(text: string): { names: readonly string[]; from: string }[] {
  return Array.from(text.matchAll(list), ([, names = '', from = '']) => ({
    names: names.split(',').flatMap((name) => name.trim().replace('type ', '') || []),
    from,
  }))
}

interface Declaration {
  readonly file: string
  readonly kind: Exported['kind']
  /** From its name on, and past its end. */
  readonly text: string
}

/** Follows a name through the imports and the exports to where it is declared; undefined where that is not in our sources. */
function declarationOf(name: string, file: string): Declaration | undefined {
  const text = readFileSync(file, 'utf8')
  const found = new RegExp(`^export (?:async )?(${kinds}) (${name}\\b.*)`, 'ms').exec(text)
  if (found) return { file, kind: found[1] as Exported['kind'], text: found[2] ?? '' }
  const from = listsIn(text).find(({ names }) => names.includes(name))?.from
  return from?.startsWith('.')
    ? declarationOf(name, resolve(dirname(file), from.replace(/\.js$/, '.ts')))
    : undefined
}

const kinds = 'function|class|const|interface|type'

/** @param besides names that are exported, too, whose members stand under their own */
function membersOf({ kind, file, text }: Declaration, besides: readonly string[]): Member[] {
  const [, head = '', body = ''] = /^((?:(?!\n\n)[^{])*)\{\n(.*?)^\}/ms.exec(text) ?? []
  if (kind !== 'interface' && kind !== 'type') return []
  const members = new Map<string, Member>()
  for (const { base, without } of basesIn(head)) {
    const declaration = besides.includes(base) ? undefined : declarationOf(base, file)
    for (const member of declaration ? membersOf(declaration, besides) : [])
      if (!without.includes(member.name)) members.set(member.name, member)
  }
  const own = /(?:^ {2}\/\*\*((?:(?!\*\/).)*)\*\/\n)?^ {2}(?:readonly )?(\w+)(\?)?[:(<]/gms
  for (const [, docstring = '', name = '', optional] of body.matchAll(own)) {
    const fallback = /@default (.+)$/.exec(docstring.replaceAll(/\s*\n\s*\*? ?/g, ' ').trim())?.[1]
    members.set(name, { name, isOptional: optional !== undefined, fallback })
  }
  return [...members.values()]
}

/** The interfaces that one extends, whole or by `Omit`. */
function basesIn(head: string): { base: string; without: readonly string[] }[] {
  const clause = /^\w+(?:<[^>]*>)?\s+extends\s+(.*)$/s.exec(head)?.[1] ?? ''
  return Array.from(clause.matchAll(/Omit<(\w+), ([^>]*)>|(\w+)/g), ([, whole, without = '', base]) => ({
    base: base ?? whole ?? '',
    without: Array.from(without.matchAll(/\w+/g), String),
  }))
}
