#!/usr/bin/env node
/**
 * Adds up the results that both test runners have left in test-results, as one line: "N passed, N failed".
 */
import { readFileSync } from 'node:fs'

/** @param {string} name */
const read = (name) =>
  JSON.parse(readFileSync(new URL(`../test-results/${name}.json`, import.meta.url), 'utf8'))

const unit = read('unit')
const { stats } = read('e2e')
const passed = unit.numPassedTests + stats.expected
const failed = unit.numFailedTests + stats.unexpected + stats.flaky
const skipped = unit.numPendingTests + stats.skipped

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 ? 1 : 0
