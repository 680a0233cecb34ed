#!/usr/bin/env node
/**
 * What the browser's half of the package weighs in an application's bundle, minified and compressed, and all files of the built
 * dashboard; fails when they weigh more than they may.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

/** In bytes: what each may weigh. A name costs the client 130 of them to be found in the page's own project first and followed in no other, and its `scope` 70 to be checked; that no name of this machine's is taken by a shared registry costs it 40, and to tell that one is lost without the push 15. Of the dashboard, the client is a sixth, Preact another, and a minifier that tries harder saves 1 %; telling a lost registry from a lost hub, and where servers of other machines are, costs it 200. */
const limits = { lite: 5720, client: 6990, react: 900, dashboard: 34_800 }

const lite = await weigh(`export { createLiteClient } from 'wsyard/client'`)
const client = await weigh(`export { createClient } from 'wsyard/client'`)
const both = await weigh(`export { createClient } from 'wsyard/client'; export * from 'wsyard/react'`)
const weights = { lite, client, react: both - client, dashboard: weighDashboard() }

let isTooHeavy = false
for (const [name, limit] of Object.entries(limits)) {
  const weight = weights[/** @type {keyof typeof weights} */ (name)]
  console.log(`${name}: ${(weight / 1000).toFixed(2)} kB min+gzip of ${(limit / 1000).toFixed(2)} kB`)
  if (weight > limit) isTooHeavy = true
}
if (isTooHeavy) {
  console.error('Too heavy: make it lighter, or raise the limit in scripts/check-size.js and say why.')
  process.exit(1)
}

/** The bytes of all that a browser loads for it. */
function weighDashboard() {
  const directory = fileURLToPath(new URL('../dist/dashboard', import.meta.url))
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('.'),
  )
  return files.reduce(
    (sum, name) => sum + gzipSync(readFileSync(join(directory, name)), { level: 9 }).length,
    0,
  )
}

/**
 * The bytes of a bundle of this module, as Vite makes one, without React.
 * @param {string} code
 */
async function weigh(code) {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('..', import.meta.url)),
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'virtual:entry' ? `\0${id}` : undefined),
        load: (id) => (id === '\0virtual:entry' ? code : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      rolldownOptions: { input: 'virtual:entry', external: ['react'], preserveEntrySignatures: 'strict' },
    },
  })
  const [first] = Array.isArray(result) ? result : [result]
  if (first === undefined || !('output' in first)) throw new Error('Vite made no bundle')
  return gzipSync(first.output[0].code, { level: 9 }).length
}
