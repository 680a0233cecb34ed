/**
 * What `wsyard doctor` prints, for people and for programs. Pure.
 */
import { styleText } from 'node:util'
import { harmlessLine } from '../text/format-message.js'
import type { Repair, Result } from './doctor.js'
import type { Found } from './finding.js'

export interface Report {
  /** The registry's directory; undefined when it is not known which that is. */
  readonly home: string | undefined
  readonly results: readonly Result[]
  /** What was tried; undefined when nobody asked for that. */
  readonly repairs: readonly Repair[] | undefined
}

const marks = {
  problem: { mark: '✗', style: 'red' },
  note: { mark: '!', style: 'yellow' },
} as const

/** What is well, what is not, what was done about it, and how it stands. */
export function formatReport({ results, repairs }: Report): string {
  const found = results.flatMap((result) => result.found ?? [])
  const well = results
    .filter((result) => result.found?.length === 0)
    .map(({ check }) => line('✓', 'green', check.well))
  const blocks = [
    well.join(''),
    ...(repairs ?? []).map(formatRepair),
    ...(['problem', 'note'] as const).flatMap((level) =>
      found.filter((one) => one.level === level).map(formatFound),
    ),
    `${summarize(found, repairs)}\n`,
  ]
  return blocks.filter((block) => block !== '').join('\n')
}

function formatFound({ level, what, cure }: Found): string {
  const { mark, style } = marks[level]
  return `${line(mark, style, what)}${cureLine(cure)}`
}

function formatRepair(repair: Repair): string {
  const { what } = repair.found
  if ('did' in repair) return `${line('✗', 'dim', what)}${line('  ✓', 'green', repair.did)}`
  return `${line('✗', 'dim', what)}${line('  ✗', 'red', `It could not be repaired: ${repair.failure}`)}`
}

function line(mark: string, style: Parameters<typeof styleText>[0], text: string): string {
  return `${styleText(style, mark)} ${harmlessLine(text)}\n`
}

function cureLine(cure: string): string {
  return cure === '' ? '' : line('  →', 'cyan', cure)
}

function summarize(found: readonly Found[], repairs: readonly Repair[] | undefined): string {
  const problems = found.filter(({ level }) => level === 'problem')
  if (problems.length === 0)
    return repairs?.some((repair) => 'did' in repair) ? 'All is well now.' : 'All is well.'
  const repairable = problems.filter(({ repair }) => repair !== undefined).length
  const offer =
    repairs === undefined && repairable > 0 ? ` wsyard doctor --repair mends ${repairable} of them.` : ''
  const what = problems.length === 1 ? '1 problem.' : `${problems.length} problems.`
  return what + (problems.length === 1 ? offer.replace('1 of them', 'it') : offer)
}

/** The same as an object (`schema/cli/doctor.schema.json`). */
export function reportToJson({ home, results, repairs }: Report): object {
  return {
    home,
    checks: results.map(({ check, found }) => ({ name: check.name, result: resultOf(found) })),
    ...(repairs && {
      repairs: repairs.map(({ check, found, ...outcome }) => ({ check, what: found.what, ...outcome })),
    }),
    findings: results.flatMap(({ check, found = [] }) =>
      found.map(({ repair, level, what, cure, where }) => ({
        check: check.name,
        level,
        what,
        cure,
        where,
        repairable: repair !== undefined,
      })),
    ),
  }
}

function resultOf(found: readonly Found[] | undefined): 'skipped' | 'well' | Found['level'] {
  if (found === undefined) return 'skipped'
  if (found.length === 0) return 'well'
  return found.some(({ level }) => level === 'problem') ? 'problem' : 'note'
}
