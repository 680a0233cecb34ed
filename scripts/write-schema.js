#!/usr/bin/env node
/**
 * Writes schema/entry.schema.json. What it holds is `entry-json-schema.js`'s part; a test compares the two.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { managedEntrySchema } from '../dist/registry/entry-schema.js'
import { entryJsonSchemaText } from './entry-json-schema.js'

const directory = new URL('../schema/', import.meta.url)
const protocol = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8')

mkdirSync(directory, { recursive: true })
writeFileSync(new URL('entry.schema.json', directory), entryJsonSchemaText(managedEntrySchema, protocol))
