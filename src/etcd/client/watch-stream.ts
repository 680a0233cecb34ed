/**
 * One watch at one member, from its first word to its end. The request stays open beside the answer: what is written into it makes the
 * member answer, so that one that is silent is known to be gone.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { isRecord } from '../../core/index.js'
import { type EtcdError, errorIn, unreachable, watchRefusal } from './etcd-error.js'
import { parsed } from './transport.js'
import type { KeyRange, WatchAnswer } from './wire.js'

export interface WatchListener {
  /** What the member says, in order. */
  onMessage(message: WatchAnswer): void
  /** That it says nothing more; called once, and not after `close`. */
  onEnd(error: EtcdError): void
}

export interface WatchStream {
  close(): void
}

/** How often the member is asked whether it is still there. The first time so late: some versions miss what comes with the request. */
const askMs = 1000

/** After so long without a byte it is not. */
const silentMs = 3000

/** Of one message: a thousand revisions at once, of the largest entries, are 11 million characters. */
const maxLineLength = 64 * 1024 * 1024

const question = `${JSON.stringify({ progress_request: {} })}\n`

export function openWatch(
  request: ClientRequest,
  endpoint: string,
  range: KeyRange,
  from: number,
  { onMessage, onEnd }: WatchListener,
): WatchStream {
  let isOver = false
  let heardAt = performance.now()

  const stop = (): void => {
    isOver = true
    clearInterval(timer)
    request.destroy()
  }
  const end = (error: EtcdError): void => {
    if (isOver) return
    stop()
    onEnd(error)
  }
  const timer = setInterval(() => {
    if (performance.now() - heardAt >= silentMs)
      end(unreachable(endpoint, new Error(`silent for ${silentMs / 1000} s`)))
    else request.write(question)
  }, askMs)

  const hear = (status: number, line: string): void => {
    const said = parsed(line)
    const message = isRecord(said) && isRecord(said.result) ? (said.result as WatchAnswer) : {}
    const reason = message.cancel_reason
    const error = errorIn(endpoint, status, said)
    if (error !== undefined) end(error)
    else if (reason !== undefined && !reason.includes('has been compacted'))
      end(watchRefusal(endpoint, reason))
    else onMessage(message)
  }

  request.on('error', (error) => end(unreachable(endpoint, error)))
  request.on('response', (response: IncomingMessage) => {
    const status = response.statusCode ?? 0
    let rest = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      heardAt = performance.now()
      const lines = chunk.split('\n')
      lines[0] = rest + lines[0]
      rest = lines.pop() ?? ''
      for (const line of lines) if (!isOver && line !== '') hear(status, line)
      if (rest.length > maxLineLength) end(unreachable(endpoint, new Error('a message that is too long')))
    })
    response.on('error', (error) => end(unreachable(endpoint, error)))
    response.on('end', () => {
      if (!isOver && rest !== '') hear(status, rest) // its last words may lack the end of a line
      end(unreachable(endpoint, new Error('the member has ended the watch')))
    })
  })
  request.write(`${JSON.stringify({ create_request: { ...range, start_revision: String(from) } })}\n`)
  return { close: stop }
}
