/**
 * How the options of a conversation are read: those that `wsyard connect` and `wsyard send` share.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readProtocol, readScope } from '../arguments.js'
import { scopeHelp } from '../find-server.js'
import { type Notation, notations } from './notation.js'

export interface TalkOptions {
  path?: string
  protocol?: readonly string[]
  binary?: Notation
  expect?: RegExp
  timeout?: number
  scope?: string
  json?: boolean
}

/** How long an answer is waited for when nobody says how long, in milliseconds. */
export const defaultTimeoutMs = 10_000

export function addTalkOptions(command: Command): Command {
  return command
    .option('--path <path>', "path to ask for, or a query as ?x=1 (default: the server's own)", readPath)
    .option('--protocol <name>', 'subprotocol to offer; may be given several times', readProtocol)
    .addOption(
      new Option(
        '--binary <notation>',
        'send binary messages, given in this notation, and show them in it',
      ).choices(notations),
    )
    .option('--expect <regex>', 'end as soon as a message matches, as ready or ^\\{"ok":true', readRegex)
    .option('--scope <dir>', scopeHelp, readScope)
}

function readPath(text: string): string {
  if (/^[/?][\x21\x22\x24-\x7e]*$/.test(text)) return text
  throw new InvalidArgumentError(
    'It must start with / or ? and hold no spaces or #; write those as %20 and %23.',
  )
}

function readRegex(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : '')
  }
}

export function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 on.')
}

/** Reads seconds. Returns milliseconds. */
export function readSeconds(text: string): number {
  const ms = /^\d{1,6}(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : 0
  if (ms > 0) return ms
  throw new InvalidArgumentError('It must be a number of seconds above 0, as 10 or 0.5.')
}
