/** The tree is the diagram: which folder may import which, and what the package shows of each. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pageReasons } from '../src/client/standing.js'
import { errorCodes, refusalCodes, refusalStatus } from '../src/core/index.js'
import { projectRoot } from './support/processes.js'

/** The table of ARCHITECTURE.md. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  registry: ['core'],
  client: ['core'],
  react: ['core', 'client'],
  server: ['core', 'registry'],
  hub: ['core', 'registry'],
  etcd: ['core', 'registry'],
  vite: ['core', 'registry', 'server', 'hub'],
  cli: ['core', 'registry', 'server', 'hub'],
}

/** Where a folder is entered besides at its `index.ts`, by who does: what drivers are made of, and the driver that a URL asks for. */
const innerEntrances: Record<string, string> = { etcd: 'registry/drivers/index.js' }
const loadedLater: Record<string, string> = { registry: 'etcd/create-etcd-driver.js' }

/** Packages from outside, by folder; `node:` is for those that are not for browsers. */
const mayUse: Record<string, RegExp> = {
  core: /^$/,
  registry: /^node:|^valibot$/,
  client: /^$/,
  react: /^react$/,
  server: /^node:|^ws$/,
  hub: /^node:/,
  etcd: /^node:/,
  vite: /^node:|^vite$/,
  cli: /^node:|^commander$|^sirv$|^ws$|^@modelcontextprotocol\/server/,
}

interface Import {
  readonly file: string
  readonly specifier: string
  /** By `import()`, when the code comes there. */
  readonly isLater: boolean
}

function sourcesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|tsx|js)$/.test(path) && !/\.(test|d)\.ts$/.test(path))
    .filter((path) => !path.split(sep).some((part) => part === 'dist' || part === 'node_modules'))
    .map((path) => join(directory, path))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*(\(?)\s*'([^']+)'/g)
  return Array.from(found, ([, open, specifier = '']) => ({ file, specifier, isLater: open === '(' }))
}

/** The modules that are loaded with one, by path, or by name when they are from outside. */
function loadedWith(entry: string): Set<string> {
  const loaded = new Set<string>()
  const load = (file: string): void => {
    if (loaded.has(file)) return
    loaded.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type )[^']*from '([^']+)'/gm)) {
      if (specifier.startsWith('.')) load(resolve(dirname(file), specifier.replace(/\.js$/, '.ts')))
      else loaded.add(specifier)
    }
  }
  load(entry)
  return loaded
}

const source = join(projectRoot, 'src')
const folderOf = (file: string): string => relative(source, file).split(sep)[0] ?? ''
const all = sourcesIn(source).flatMap(importsOf)

describe('the folders of src', () => {
  it('are those of the table', () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(mayImport).sort())
    expect(all.length).toBeGreaterThan(50)
  })

  it('import each other only as the table has it, and only through index.ts or an entrance that is named above', () => {
    const wrong = all
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ file, specifier, isLater }) => ({ file, target: resolve(dirname(file), specifier), isLater }))
      .filter(({ file, target }) => folderOf(file) !== folderOf(target))
      .filter(({ file, target, isLater }) => {
        const [from, to] = [folderOf(file), folderOf(target)]
        const entrance = relative(source, target).replaceAll(sep, '/')
        if (isLater && entrance === loadedLater[from]) return false
        const isEntrance = entrance === `${to}/index.js` || entrance === innerEntrances[from]
        return mayImport[from]?.includes(to) !== true || !isEntrance
      })
    expect(wrong).toEqual([])
  })

  it('let a server start without what it needs later, or never', () => {
    const loaded = loadedWith(join(source, 'server/index.ts'))
    expect(loaded).toContain(join(source, 'registry/create-registry.ts'))
    for (const late of ['ws', join(source, 'registry/drivers/file/view.ts')])
      expect(loaded).not.toContain(late)
    // Not later: Node does not try again to load what it could not once, on a disk that failed just then (row 2).
    expect(loaded).toContain('valibot')
  })

  it.each(['registry', 'server', 'hub', 'vite'])('load nothing of etcd with %s', (folder) => {
    const loaded = [...loadedWith(join(source, folder, 'index.ts'))]
    expect(loaded).toContain(join(source, 'registry/open-registry.ts'))
    expect(loaded.filter((file) => folderOf(file) === 'etcd')).toEqual([])
  })

  it('use only their packages', () => {
    const wrong = all
      .filter(({ specifier }) => !specifier.startsWith('.'))
      .filter(({ file, specifier }) => mayUse[folderOf(file)]?.test(specifier) !== true)
    expect(wrong).toEqual([])
  })

  it('have no default exports and no file past 250 lines', () => {
    const files = sourcesIn(source)
    expect(files.filter((file) => /^export default/m.test(readFileSync(file, 'utf8')))).toEqual([])
    expect(files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 251)).toEqual([])
  })

  it('read the environment in one place, the command aside', () => {
    const readers = sourcesIn(source).filter((file) => /process\.env\b/.test(readFileSync(file, 'utf8')))
    const beside = readers
      .map((file) => relative(source, file))
      .filter((file) => !file.startsWith(`cli${sep}`))
    expect(beside).toEqual([join('registry', 'home.ts')])
  })
})

describe('the dashboard and the examples', () => {
  it('import wsyard by its public names alone', () => {
    const imports = ['dashboard', 'examples']
      .flatMap((folder) => sourcesIn(join(projectRoot, folder)))
      .flatMap(importsOf)
    const outside = imports.filter(
      ({ specifier }) => specifier.includes('src/') && !specifier.startsWith('/src/main'),
    )
    expect(outside).toEqual([])
    expect(imports.filter(({ specifier }) => specifier.startsWith('wsyard/')).length).toBeGreaterThan(3)
  })
})

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))

  it('has a subpath for each public folder, at its index', () => {
    const folders = Object.keys(mayImport).filter((folder) => folder !== 'core' && folder !== 'cli')
    const subpaths = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'))
    expect(subpaths.sort()).toEqual(folders.map((folder) => `./${folder}`).sort())
    for (const folder of folders) {
      expect(manifest.exports[`./${folder}`].default).toBe(`./dist/${folder}/index.js`)
      expect(existsSync(join(source, folder, 'index.ts'))).toBe(true)
    }
  })

  it('names every package that the sources use', () => {
    const packageOf = (name: string): string =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/')
    const names = all.map(({ specifier }) => specifier).filter((name) => !/^(\.|node:)/.test(name))
    const used = new Set(names.map(packageOf))
    const named = { ...manifest.dependencies, ...manifest.peerDependencies }
    const bundled = ['commander', 'sirv'] // into the command, and so not installed beside it
    for (const name of bundled) expect(manifest.devDependencies).toHaveProperty(name)
    expect([...used].filter((name) => named[name] === undefined && !bundled.includes(name))).toEqual([])
  })
})

describe('the docs', () => {
  const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')

  it('have a heading for every error code, and for no other', () => {
    const headings = [...read('docs/reference/errors.md').matchAll(/^## `(\w+)`$/gm)].map(([, code]) => code)
    expect(headings.sort()).toEqual([...errorCodes].sort())
  })

  it('have a heading for every refusal, and a row in PROTOCOL.md', () => {
    const headings = [...read('docs/reference/errors.md').matchAll(/^### `(\w+)`\n\n(\d+)/gm)]
    const rows = [...read('PROTOCOL.md').matchAll(/^\| (\d+) +\| `([A-Z_]+)` /gm)]
    const codes = refusalCodes.map((code) => `${refusalStatus({ code, message: '' })} ${code}`).sort()
    expect(headings.map(([, code, status]) => `${status} ${code}`).sort()).toEqual(codes)
    expect(rows.map(([, status, code]) => `${status} ${code}`).sort()).toEqual(codes)
  })

  it('have a heading for every reason that a page finds out by itself', () => {
    const headings = [...read('docs/reference/errors.md').matchAll(/^### `(\w+)`\n/gm)].map(
      ([, code]) => code,
    )
    expect(headings.sort()).toEqual([...new Set([...refusalCodes, ...pageReasons])].sort())
  })

  it('have in ARCHITECTURE.md the table that is enforced here', () => {
    const rows = [...read('ARCHITECTURE.md').matchAll(/^\| `(\w+)` +\| ([^|]+)\|/gm)]
    const table = Object.fromEntries(
      rows.map(([, folder, imports = '']) => [
        folder,
        [...imports.matchAll(/`(\w+)`/g)].map(([, name]) => name),
      ]),
    )
    for (const [folder, imports] of Object.entries(mayImport)) expect(table[folder], folder).toEqual(imports)
  })

  it('link to nothing that is not there', () => {
    const pages = [
      'README.md',
      'ARCHITECTURE.md',
      'PROTOCOL.md',
      'CONTRIBUTING.md',
      ...['guide', 'recipes'].flatMap((folder) =>
        readdirSync(join(projectRoot, 'docs', folder)).map((page) => `docs/${folder}/${page}`),
      ),
      'SECURITY.md',
      'docs/reference/errors.md',
      'docs/reference/registry-file.md',
      'examples/cluster/README.md',
      'examples/mcp/README.md',
      'examples/python/README.md',
      'examples/vite-react/README.md',
      'bench/README.md',
    ]
    for (const page of pages) {
      const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target)
      for (const target of targets) {
        expect(existsSync(resolve(projectRoot, dirname(page), target)), `${page}: ${target}`).toBe(true)
      }
    }
  })

  it('have in README.md commands that exist', () => {
    const scripts = [...read('README.md').matchAll(/npm (?:run )?(\w+[\w:]*)/g)].map(([, name = '']) => name)
    const known = [...Object.keys(manifestScripts()), 'ci', 'install', 'i']
    expect(scripts.filter((name) => !known.includes(name))).toEqual([])
  })
})

function manifestScripts(): Record<string, string> {
  return JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).scripts
}
