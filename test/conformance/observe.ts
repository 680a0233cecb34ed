/**
 * What a case is, and how it observes: every wait is bounded, and ends in words where what was waited for does not come.
 * Runs in the page.
 */

/** A rule of the WebSocket interface, and what is observed where it holds. */
export interface Case {
  /** A fact. No two cases have the same. */
  readonly title: string
  /**
   * Observes something that can be told as JSON. What it leaves open, the server cuts; what it leaves connecting, it closes,
   * as Chromium shakes one hand of a server at a time.
   */
  run(subject: Subject): unknown
  /** What the standard has, or Chromium where a comment says so. */
  readonly expected: unknown
}

export interface Subject {
  readonly WebSocket: typeof WebSocket
  /** The URL of a path of the server; `server.ts` says what each path does. */
  at(path: string): string
  /** A URL with words for the hosts and the id in it, which differ from run to run. */
  named(url: string): string
  /** What the server heard on the connection that asked for this path, once that has ended. */
  heard(path: string): Promise<Heard>
}

export interface Heard {
  /** The subprotocols that were offered, as they stood in the handshake. */
  readonly offered: string | null
  /** Each as `text <content>` or `binary <bytes>`; a long one by its length. */
  readonly messages: readonly string[]
  /** Of the close frame: 1005 for one without a code, 1006 for none at all. */
  readonly code: number
  readonly reason: string
}

/** A busy machine answers well within this. */
export const patienceMs = 20_000

/** The next event of a type. Rejects when the socket closes first, and when nothing comes. */
export function next<Type extends keyof WebSocketEventMap>(
  socket: WebSocket,
  type: Type,
): Promise<WebSocketEventMap[Type]> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new Error(`No "${type}" came: ${why}, readyState ${socket.readyState}.`))
    const limit = setTimeout(fail, patienceMs, `waited ${patienceMs} ms`)
    const once = { once: true }
    socket.addEventListener(
      type,
      (event) => {
        clearTimeout(limit)
        resolve(event)
      },
      once,
    )
    socket.addEventListener('close', ({ code }) => fail(`closed with ${code}`), once)
  })
}

/** The socket, once it is open. */
export async function opened(socket: WebSocket): Promise<WebSocket> {
  await next(socket, 'open')
  return socket
}

/** The data of the next messages. */
export async function received(socket: WebSocket, count: number): Promise<unknown[]> {
  const all: unknown[] = []
  while (all.length < count) all.push((await next(socket, 'message')).data)
  return all
}

/** Ends an open socket, and resolves when it has ended. */
export async function closed(socket: WebSocket, ...how: Parameters<WebSocket['close']>): Promise<CloseEvent> {
  const end = next(socket, 'close')
  socket.close(...how)
  return await end
}

/** Every event from now on, each with the `readyState` that its listeners see. Grows. */
export function logged(socket: WebSocket): string[] {
  const log: string[] = []
  for (const type of ['open', 'message', 'error', 'close'])
    socket.addEventListener(type, () => log.push(`${type} ${socket.readyState}`))
  return log
}

/** Time enough for whatever else might have come: a connection is opened, used and closed. */
export async function aWhile({ WebSocket, at }: Subject): Promise<void> {
  const socket = await opened(new WebSocket(at('/echo?a-while')))
  socket.send('')
  await received(socket, 1)
  await closed(socket)
}

/** Resolves once it is so, which it is looked for at every turn. */
export async function eventually(isSo: () => boolean): Promise<boolean> {
  const end = performance.now() + patienceMs
  while (!isSo() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve))
  return isSo()
}

/** What is thrown, by class and name: `DOMException SyntaxError`, `TypeError`, or `nothing`. */
export function thrown(action: () => unknown): string {
  try {
    action()
    return 'nothing'
  } catch (error) {
    if (error instanceof DOMException) return `DOMException ${error.name}`
    return error instanceof Error ? error.constructor.name : String(error)
  }
}

/** What a close event says. */
export function said({ code, reason, wasClean }: CloseEvent): {
  code: number
  reason: string
  wasClean: boolean
} {
  return { code, reason, wasClean }
}

/** The data of a message by its class and content. */
export async function shown(data: unknown): Promise<string> {
  if (data instanceof Blob) return `Blob ${bytesOf(await data.arrayBuffer())}`
  return data instanceof ArrayBuffer ? `ArrayBuffer ${bytesOf(data)}` : `${typeof data} ${data}`
}

function bytesOf(buffer: ArrayBuffer): string {
  return `[${new Uint8Array(buffer).join(' ')}]`
}
