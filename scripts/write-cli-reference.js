#!/usr/bin/env node
/**
 * Writes docs/reference/cli.md. What it holds is `cli-reference.js`'s part; a test compares the two.
 */
import { writeFileSync } from 'node:fs'
import { cliReferenceText } from './cli-reference.js'

writeFileSync(new URL('../docs/reference/cli.md', import.meta.url), await cliReferenceText())
