import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Found } from './finding.js'
import { formatReport, type Report, reportToJson } from './format-findings.js'

const well = { check: { name: 'one', well: 'One is well.' }, found: [] }
const skipped = { check: { name: 'two', well: 'Two is well.' }, found: undefined }
const problem: Found = { level: 'problem', what: 'A thing is broken.', cure: 'mend it', where: '/a' }
const note: Found = { level: 'note', what: 'A thing is odd.', cure: 'know it' }

function report(found: readonly Found[], repairs?: Report['repairs']): Report {
  const three = { check: { name: 'three', well: 'Three is well.' }, found }
  return { home: '/home/a/.shipyard', results: [well, skipped, three], repairs }
}

/** Without what a terminal is told of colours. */
function textOf(made: Report): string {
  return stripVTControlCharacters(formatReport(made))
}

describe('formatReport', () => {
  it('tells what is well, then problems, then notes, and not what was skipped', () => {
    expect(textOf(report([note, problem]))).toBe(
      '✓ One is well.\n\n✗ A thing is broken.\n  → mend it\n\n! A thing is odd.\n  → know it\n\n1 problem.\n',
    )
  })

  it('takes notes alone for well', () => {
    expect(textOf(report([note]))).toMatch(/\n\nAll is well\.\n$/)
    expect(textOf(report([]))).toBe('✓ One is well.\n✓ Three is well.\n\nAll is well.\n')
  })

  it('says how many --repair would mend', () => {
    const repairable = { ...problem, repair: async () => 'Mended.' }
    expect(textOf(report([repairable]))).toMatch(/\n1 problem\. wsyard doctor --repair mends it\.\n$/)
    expect(textOf(report([repairable, problem]))).toMatch(
      /2 problems\. wsyard doctor --repair mends 1 of them\.\n$/,
    )
  })

  it('says what was done, what could not be, and how it stands now', () => {
    const done = { check: 'three', found: problem, did: 'Mended it.' }
    const failed = { check: 'three', found: problem, failure: 'not permitted' }
    expect(textOf(report([], [done]))).toBe(
      '✓ One is well.\n✓ Three is well.\n\n✗ A thing is broken.\n  ✓ Mended it.\n\nAll is well now.\n',
    )
    expect(textOf(report([problem], [failed]))).toMatch(
      / {2}✗ It could not be repaired: not permitted\n[\s\S]*1 problem\.\n$/,
    )
  })

  it('shows what comes from other processes so that it does nothing to a terminal', () => {
    const text = textOf(report([{ ...problem, what: 'process 1 (\x1b[2J\nx)', cure: 'cure \x07' }]))
    expect(text).toContain('process 1 (\\x1b[2J x)\n  → cure \\x07\n')
  })
})

describe('reportToJson', () => {
  it('names each check with the worst that it found', () => {
    const results = (made: Report): unknown => JSON.parse(JSON.stringify(reportToJson(made))).checks
    expect(results(report([note, problem]))).toEqual([
      { name: 'one', result: 'well' },
      { name: 'two', result: 'skipped' },
      { name: 'three', result: 'problem' },
    ])
    expect(results(report([note]))).toContainEqual({ name: 'three', result: 'note' })
  })
})
