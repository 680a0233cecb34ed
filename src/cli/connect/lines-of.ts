/**
 * The lines of an input, one after the other. Only a newline ends one: what else Unicode takes for an end may stand in JSON.
 */
import type { Readable } from 'node:stream'

/** Without their ends; a carriage return before the newline is part of the end. */
export async function* linesOf(input: Readable): AsyncGenerator<string> {
  let line = ''
  for await (const chunk of input.setEncoding('utf8')) {
    const [rest = '', ...next] = String(chunk).split('\n')
    line += rest
    for (const start of next) {
      yield line.replace(/\r$/, '')
      line = start
    }
  }
  if (line !== '') yield line
}
