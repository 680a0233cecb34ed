import { describe, expect, it } from 'vitest'
import { examine, examineAndRepair } from './doctor.js'
import type { Check, Found } from './finding.js'
import type { Surroundings } from './surroundings.js'

const surroundings: Surroundings = {
  home: '/home/a/.shipyard',
  defaultHome: '/home/a/.shipyard',
  hub: { origin: 'http://127.0.0.1:9793', token: undefined, isGiven: false },
  isRead: true,
  entries: [],
  exited: [],
  warnings: [],
  sockets: [],
}

function checkThat(look: Check['look']): Check {
  return { name: 'one', well: 'It is well.', look }
}

function problem(what: string, repair?: () => Promise<string>): Found {
  return { level: 'problem', what, cure: 'Mend it.', ...(repair && { repair }) }
}

describe('examine', () => {
  it('takes a check that throws for a finding, and makes the others', async () => {
    const failing = checkThat(async () => {
      throw new Error('no such thing')
    })
    const results = await examine([failing, checkThat(async () => [])], surroundings)
    expect(results.map(({ found }) => found)).toMatchObject([
      [{ level: 'problem', what: 'The check "one" could not be made: no such thing.' }],
      [],
    ])
  })

  it('makes no check that looks at the servers where the registry cannot be read', async () => {
    const check = { ...checkThat(async () => []), needsEntries: true }
    const [result] = await examine([check], { ...surroundings, isRead: false })
    expect(result?.found).toBe(undefined)
  })
})

describe('examineAndRepair', () => {
  it('repairs what comes to light by a repair as well', async () => {
    const ills = ['the door is locked', 'the lamp behind it is broken']
    const check = checkThat(async () => {
      const [ill] = ills
      return ill === undefined ? [] : [problem(ill, async () => `Mended that ${ills.shift()}.`)]
    })
    const { results, repairs } = await examineAndRepair([check], async () => surroundings)
    expect(repairs).toMatchObject([
      { did: 'Mended that the door is locked.' },
      { did: 'Mended that the lamp behind it is broken.' },
    ])
    expect(results).toMatchObject([{ found: [] }])
  })

  it('tries what fails once, says why, and goes on with the next', async () => {
    const broken = problem('broken', async () => {
      throw new Error('not permitted')
    })
    let isMended = false
    const mend = async (): Promise<string> => {
      isMended = true
      return 'Done.'
    }
    const check = checkThat(async () => (isMended ? [broken] : [broken, problem('bent', mend)]))
    const { results, repairs } = await examineAndRepair([check], async () => surroundings)
    expect(repairs).toMatchObject([{ failure: 'not permitted' }, { did: 'Done.' }])
    expect(results).toMatchObject([{ found: [{ what: 'broken' }] }])
  })
})
