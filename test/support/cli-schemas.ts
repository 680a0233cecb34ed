/** The schemas of what commands print with `--json`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { projectRoot } from './processes.js'

const directory = join(projectRoot, 'schema/cli')

/** What the files are called, without their ends: commands, and `server`, which others refer to. */
export const schemaNames: readonly string[] = readdirSync(directory).map((file) =>
  file.replace(/\.schema\.json$/, ''),
)

export function readSchema(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(directory, `${name}.schema.json`), 'utf8'))
}

/** A validator, for which formats are mere remarks: the rest must be enough. */
export function compileSchema(name: string) {
  const ajv = new Ajv2020({ formats: { 'date-time': true, uri: true } })
  if (name !== 'server') ajv.addSchema(readSchema('server'))
  return ajv.compile(readSchema(name))
}

/** Those commands that print an object a line; others print one object. */
const inLines = ['connect', 'run', 'watch']

/** Holds what a command has printed to its schema. */
export function expectJson(command: string, text: string): void {
  const validate = compileSchema(command)
  const values = inLines.includes(command) ? text.trimEnd().split('\n') : [text]
  for (const value of values)
    expect(validate(JSON.parse(value)), `${value}\n${JSON.stringify(validate.errors)}`).toBe(true)
}
