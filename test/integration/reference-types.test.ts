/** The code and the signatures on the pages of the subpaths in docs/reference, as TypeScript sees them in a project of a reader. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportsOf } from '../support/exported.js'
import { makeProject, type ProjectFile } from '../support/guide-project.js'
import { createTestHome, projectRoot } from '../support/processes.js'
import { readPage, sectionsOf, subpaths } from '../support/reference-page.js'

const tsconfig = JSON.stringify({
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'],
    types: ['node'],
    jsx: 'react-jsx',
    strict: true,
    exactOptionalPropertyTypes: true,
    moduleDetection: 'force',
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
    noEmit: true,
  },
})

/** What signatures name besides the interfaces and types of their own subpath. */
const others: Readonly<Record<string, string>> = {
  client: '',
  react: `import type { ReactNode } from 'react'
    import type { Client, ClientServer, ConnectOptions, HubStatus, ServerWebSocket, Shape } from 'wsyard/client'`,
  server: '',
  hub: '',
  vite: "import type { Plugin } from 'vite'",
  etcd: "import type { Registry } from 'wsyard/registry'",
  registry: `import type { IncomingHttpHeaders } from 'node:http'
    import type { Socket } from 'node:net'
    import type { Token } from 'wsyard/registry'`,
}

/** Every block of code of a page, each a module. */
function blocksOf(subpath: string): ProjectFile[] {
  const blocks = readPage(subpath).matchAll(/^```([jt]sx?)\n(.*?)^```$/gms)
  return Array.from(blocks, ([, language, text = ''], position) => [
    `${subpath}-${position}.${language}`,
    text,
  ])
}

/** A module that takes what is exported for what the page says of it, and its parameters for the very same. */
function signaturesOf(subpath: string): ProjectFile {
  const signed = sectionsOf(readPage(subpath)).flatMap(({ heading, signature = '' }) =>
    signature === '' ? [] : { heading, signature },
  )
  const types = exportsOf(subpath).filter(({ kind }) => kind === 'interface' || kind === 'type')
  const lines = signed.map(
    ({ heading: name, signature }) => `
      declare function ${signature}
      export const ${name}Is: typeof ${name} = own.${name}
      export const ${name}Takes: Same<Parameters<typeof ${name}>, Parameters<typeof own.${name}>> = true`,
  )
  const text = `
    import * as own from 'wsyard/${subpath}'
    import type { ${types.map(({ name }) => name).join(', ')} } from 'wsyard/${subpath}'
    ${others[subpath]}
    type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
    ${lines.join('\n')}`
  return [`${subpath}-signatures.ts`, text]
}

describe('the pages of the subpaths', () => {
  it('have code and signatures that TypeScript takes', async () => {
    await using home = createTestHome()
    const blocks = subpaths.flatMap(blocksOf)
    expect(blocks.length).toBeGreaterThanOrEqual(subpaths.length)
    const files = [...blocks, ...subpaths.map(signaturesOf)]
    const { start } = makeProject(home, [['tsconfig.json', tsconfig], ...files])
    const tsc = start(join(projectRoot, 'node_modules/typescript/bin/tsc'), '--listFiles')
    expect(await tsc.ended, tsc.output()).toBe(0)
    for (const [name] of files) expect(tsc.output()).toContain(`/${name}\n`)
  })
})
