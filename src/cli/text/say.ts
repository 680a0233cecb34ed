/**
 * What a command says beside its output: on the error output, in colour where that is a terminal, so that what is piped on stays clean.
 */
import { styleText } from 'node:util'
import { WsyardError } from '../../core/index.js'

const { stderr } = process

/** Says how things stand. */
export function say(text: string): void {
  stderr.write(`${styleText('dim', text, { stream: stderr })}\n`)
}

/** Says what went wrong without stopping the command. */
export function warn(warning: Error): void {
  stderr.write(`${styleText('yellow', 'warning', { stream: stderr })} ${describe(warning)}\n`)
}

/** Says why the command has failed. */
export function sayError(error: Error): void {
  stderr.write(`${styleText('red', 'error', { stream: stderr })} ${describe(error)}\n`)
}

function describe(error: Error): string {
  if (!(error instanceof WsyardError)) return error.message
  return `${error.message} ${styleText('dim', `[${error.code}]`, { stream: stderr })}`
}
