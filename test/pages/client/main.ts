/** A page with nothing on it but the client library, for tests to use. */
import * as wsyard from 'wsyard/client'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

declare global {
  interface Window {
    wsyard: typeof wsyard
    /** Starts a worker with a client, and resolves with what it says first. */
    askWorker: () => Promise<unknown>
    yjs: { WebsocketProvider: typeof WebsocketProvider; Doc: typeof Y.Doc }
  }
}

function askWorker(): Promise<unknown> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = reject
  })
}

Object.assign(window, { askWorker, wsyard, yjs: { WebsocketProvider, Doc: Y.Doc } })
