import { describe, expect, it } from 'vitest'
import { type HandedOn, isCrash, isRestTold } from './crash.js'

const handedOn = (signal: NodeJS.Signals, isForAll = true): HandedOn => ({ signal, isForAll, at: 1000 })
const byCode = (code: number) => ({ code, signal: null })
const bySignal = (signal: NodeJS.Signals) => ({ code: null, signal })

describe('the end of a command', () => {
  it('is a crash by a code, and by signals that nobody sends to have it end', () => {
    expect(isCrash(byCode(3), [], 0)).toBe(true)
    expect(isCrash(bySignal('SIGKILL'), [], 0)).toBe(true)
    expect(isCrash(bySignal('SIGSEGV'), [], 0)).toBe(true)
  })

  it('is none with 0, or by a signal of those that services are ended by', () => {
    expect(isCrash(byCode(0), [], 0)).toBe(false)
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'] as const)
      expect(isCrash(bySignal(signal), [], 0)).toBe(false)
  })

  it('is none, whatever its code, when it was asked to end half a minute ago at most', () => {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM'] as const) {
      expect(isCrash(byCode(1), [handedOn(signal)], 30_999)).toBe(false)
      expect(isCrash(byCode(1), [handedOn(signal)], 31_000)).toBe(true)
    }
  })

  it('is none by a signal that was handed on, which others need not end by', () => {
    expect(isCrash(bySignal('SIGUSR1'), [handedOn('SIGUSR1', false)], 1500)).toBe(false)
    expect(isCrash(byCode(1), [handedOn('SIGUSR1', false), handedOn('SIGHUP')], 1500)).toBe(true)
  })
})

describe('what a command has left running', () => {
  it('knows that it is to end when all of the group were told so just now', () => {
    expect(isRestTold([handedOn('SIGINT')], 2000)).toBe(true)
    expect(isRestTold([handedOn('SIGHUP')], 2000)).toBe(true)
    expect(isRestTold([handedOn('SIGINT')], 40_000)).toBe(false)
    expect(isRestTold([handedOn('SIGWINCH'), handedOn('SIGTERM', false)], 2000)).toBe(false)
  })
})
