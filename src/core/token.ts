import type { Entry } from './entry.js'

/**
 * The secret of a server or a hub, in a form that does not come out by accident: not as JSON, not in a log, not by
 * being joined to a text.
 */
export class Token {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The token itself, for the one header or file that it goes into. */
  reveal(): string {
    return this.#text
  }

  /** Leaves the token out of whatever it is a field of. */
  toJSON(): undefined {
    return undefined
  }

  toString(): string {
    return '[token]'
  }
}

/** The shape of a token: 32 bytes in base64url. */
export const tokenPattern: RegExp = /^[\w-]{43}$/

/** Whether a server asks for a token that stands in a registry of several machines and cannot be read here. */
export function lacksKey({ source, auth, token }: Entry): boolean {
  return source !== undefined && auth === 'token' && token === undefined
}
