/**
 * The protocol on an input and an output, one message a line. In place of the library's own transport, which ends with its input and leaves
 * unanswered what was asked just before.
 */
import type { Readable, Writable } from 'node:stream'
import {
  type JSONRPCMessage,
  ReadBuffer,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/server'
import { reasonOf } from '../../core/index.js'
import { createWaiters } from './waiters.js'

export interface StdioTransport extends Transport {
  /** Waits until every question has its answer, and every answer has been taken. */
  answered(waitMs: number, signal: AbortSignal): Promise<void>
}

/** Neither stream is ended by it. */
export function createStdioTransport(input: Readable, output: Writable): StdioTransport {
  const buffer = new ReadBuffer()
  const waiters = createWaiters()
  /** The questions whose answers have not been taken yet. */
  const open = new Set<unknown>()

  const settle = (id: unknown): void => {
    open.delete(id)
    waiters.wake()
  }
  const read = (): JSONRPCMessage | null => {
    for (;;) {
      try {
        return buffer.readMessage()
      } catch {
        transport.onerror?.(new Error('Passed over a line of the input that is no message of JSON-RPC 2.0.'))
      }
    }
  }
  const take = (chunk: Buffer): void => {
    try {
      buffer.append(chunk)
    } catch (error) {
      const message = `Passed over a line of the input that is too long: ${reasonOf(error)}.`
      transport.onerror?.(new Error(message, { cause: error }))
    }
    for (let message = read(); message !== null; message = read()) {
      if ('method' in message) {
        if ('id' in message) open.add(message.id)
        else if (message.method === 'notifications/cancelled') settle(message.params?.requestId)
      }
      transport.onmessage?.(message)
    }
  }
  const fail = (error: Error): void => transport.onerror?.(error)

  const transport: StdioTransport = {
    async start() {
      input.on('data', take).on('error', fail)
    },
    send(message) {
      return new Promise((resolve) => {
        output.write(serializeMessage(message), () => {
          if (!('method' in message)) settle(message.id)
          resolve() // also where it has failed, which the output says itself
        })
      })
    },
    async close() {
      input.off('data', take)
      transport.onclose?.()
    },
    answered: (waitMs, signal) => waiters.until(() => open.size === 0, waitMs, signal),
  }
  return transport
}
