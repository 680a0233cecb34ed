#!/usr/bin/env node
/**
 * Bundles the command out of what the compiler made of it, so that it starts by reading a handful of files in the place of a hundred:
 * `dist/bin/wsyard.js`, and beside it what each command needs, with the licences of the packages that are in it.
 */
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const directory = join(root, 'dist/bin')

/** Put in its place when it is whole, as the command may be in use. */
const next = `${directory}.new`

/** Whoever wants them installs them: an agent's protocol, and what makes `ws` faster. */
const external = ['@modelcontextprotocol/server', 'bufferutil', 'utf-8-validate']

/** The directories of the packages that are in the bundle, as their modules lie in it. */
const packages = new Set()

await build({
  root,
  configFile: false,
  logLevel: 'warn',
  ssr: { noExternal: true, external },
  build: {
    ssr: true,
    target: 'node20',
    outDir: next,
    emptyOutDir: true,
    minify: false,
    rollupOptions: {
      input: { wsyard: join(root, 'dist/cli/main.js') },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
  plugins: [
    {
      name: 'packages-in-the-bundle',
      moduleParsed({ id }) {
        const [found] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []
        if (found !== undefined) packages.add(found)
      },
    },
  ],
})

const notices = [...packages].sort().map((path) => {
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  const file = readdirSync(path).find((one) => /^licen[cs]e/i.test(one))
  const text = file === undefined ? `Licence: ${license}` : readFileSync(join(path, file), 'utf8').trim()
  return `${name} ${version}\n\n${text}\n`
})
writeFileSync(join(next, 'LICENSES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`))
chmodSync(join(next, 'wsyard.js'), 0o755) // as `npx wsyard` in a checkout does once alone, and not again after a build
rmSync(directory, { recursive: true, force: true })
renameSync(next, directory)
