/**
 * What makes a class look and complain like the browser's WebSocket: its constants, its event handler attributes, and the
 * errors for what is misused. Knows nothing of servers or connections.
 */

export const CONNECTING = 0
export const OPEN = 1
export const CLOSING = 2
export const CLOSED = 3

/** What the `on…` attributes of one socket are set to, by the type of event, and the one listener that calls them. */
export interface Handlers extends EventListenerObject {
  [type: string]: unknown
}

/**
 * Gives a class of event targets the name, the constants and the `on…` attributes of WebSocket, and makes its members
 * enumerable, as Web IDL has it.
 *
 * @param handlersOf gives the handlers of an object, and throws a TypeError for any that is not of the class
 */
export function defineInterface(
  socketClass: { readonly prototype: EventTarget },
  handlersOf: (socket: EventTarget) => Handlers,
): void {
  const { prototype } = socketClass
  const constants: PropertyDescriptorMap = {}
  for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED }))
    constants[name] = { value, enumerable: true }
  const members: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(prototype)
  for (const [name, member] of Object.entries(members)) member.enumerable = name !== 'constructor'
  for (const type of ['open', 'message', 'error', 'close']) {
    const attribute = `on${type}`
    const accessors: ThisType<EventTarget> = {
      get [attribute](): unknown {
        return handlersOf(this)[type] ?? null
      },
      set [attribute](value: unknown) {
        const handlers = handlersOf(this)
        const isHandler = Object(value) === value
        handlers[type] = isHandler ? value : null
        // Added while it is there already, it keeps its place among the listeners.
        this[isHandler ? 'addEventListener' : 'removeEventListener'](type, handlers)
      },
    }
    Object.assign(members, Object.getOwnPropertyDescriptors(accessors))
  }
  const value = 'WebSocket'
  const tag = { [Symbol.toStringTag]: { value, configurable: true } }
  Object.defineProperties(socketClass, { ...constants, name: { value } })
  Object.defineProperties(prototype, { ...constants, ...members, ...tag })
}

/** A URL as the WebSocket constructor takes it. @throws {DOMException} SyntaxError for any other. */
export function webSocketUrl(given: unknown): URL {
  const text = `${given}`
  try {
    const url = new URL(text, globalThis.location?.href)
    url.protocol = url.protocol.replace('http', 'ws')
    if (/^wss?:[^#]*$/.test(url.href)) return url
  } catch {}
  throw new DOMException(`"${text}" is no URL for a WebSocket.`, 'SyntaxError')
}

/** Subprotocols as the WebSocket constructor takes them. @throws {DOMException} SyntaxError for what is none, or there twice. */
export function protocolList(protocols: unknown = []): readonly string[] {
  const list = (
    typeof protocols === 'object' && protocols !== null && Symbol.iterator in protocols
      ? [...(protocols as Iterable<unknown>)]
      : [protocols]
  ).map((one) => `${one}`) // which, unlike String, takes no symbols
  if (new Set(list).size === list.length && list.every((one) => /^[\w!#$%&'*+.^`|~-]+$/.test(one)))
    return list
  throw new DOMException(`"${list}" are no subprotocols, or one is there twice.`, 'SyntaxError')
}
