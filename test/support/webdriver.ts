/**
 * A page of a browser, driven by what W3C has made for it: WebDriver, which is HTTP to a driver beside the browser, and WebDriver
 * BiDi, a WebSocket that Firefox itself listens for.
 */
import { on, once } from 'node:events'
import { WebSocket } from 'ws'

export interface DrivenPage {
  goto(url: string): Promise<unknown>
  /** What an expression comes to in the page, or what its promise does. */
  evaluate(expression: string): Promise<unknown>
}

/** @param driver where it listens, as `http://127.0.0.1:4444` */
export async function openByWebDriver(driver: string): Promise<DrivenPage> {
  const ask = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${driver}/session${path}`, { method: 'POST', body: JSON.stringify(body) })
    const { value } = (await response.json()) as { value: unknown }
    if (!response.ok) throw new Error(`WebDriver refuses ${path}: ${JSON.stringify(value)}`)
    return value
  }
  const { sessionId } = (await ask('', { capabilities: {} })) as { sessionId: string }
  return {
    goto: (url) => ask(`/${sessionId}/url`, { url }),
    evaluate: (expression) => ask(`/${sessionId}/execute/sync`, { script: `return ${expression}`, args: [] }),
  }
}

/** @param url where the browser listens, as `ws://127.0.0.1:9222/session` */
export async function openByBiDi(url: string): Promise<DrivenPage> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  let count = 0
  const ask = async <Result>(method: string, params: object): Promise<Result> => {
    const id = ++count
    socket.send(JSON.stringify({ id, method, params }))
    for await (const [data] of on(socket, 'message', { close: ['close'] })) {
      const { id: answered, result, error, message } = JSON.parse(`${data}`)
      if (answered !== id) continue
      if (error !== undefined) throw new Error(`BiDi refuses ${method}: ${error}: ${message}`)
      return result
    }
    throw new Error(`The browser has ended before it answered ${method}`)
  }
  await ask('session.new', { capabilities: {} })
  const { contexts } = await ask<{ contexts: { context: string }[] }>('browsingContext.getTree', {})
  const context = contexts[0]?.context
  return {
    goto: (url) => ask('browsingContext.navigate', { context, url, wait: 'complete' }),
    async evaluate(expression) {
      const { result, exceptionDetails } = await ask<Evaluated>('script.evaluate', {
        expression,
        target: { context },
        awaitPromise: true,
      })
      if (exceptionDetails) throw new Error(exceptionDetails.text)
      return result?.value
    },
  }
}

interface Evaluated {
  readonly result?: { readonly value?: unknown }
  readonly exceptionDetails?: { readonly text: string }
}
