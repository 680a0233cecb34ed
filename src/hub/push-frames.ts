/**
 * The frames of the push socket (RFC 6455, section 5): those that the hub sends, and those that it takes, which are
 * control frames alone. Pure.
 */

/** The reasons for which the hub closes a push socket, by the code that it sends. */
export type CloseCode = 1000 | 1001 | 1002 | 1003 | 1013

const opcodes = { text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const frame = frameOf(opcodes.text, length)
  frame.write(text, frame.length - length)
  return frame
}

export const pingFrame: Buffer = frameOf(opcodes.ping, 0)

export function pongFrame(payload: Buffer): Buffer {
  const frame = frameOf(opcodes.pong, payload.length)
  payload.copy(frame, frame.length - payload.length)
  return frame
}

export function closeFrame(code: CloseCode): Buffer {
  const frame = frameOf(opcodes.close, 2)
  frame.writeUInt16BE(code, frame.length - 2)
  return frame
}

/** A whole, unmasked frame, the last so many bytes of which are yet to be filled in. */
function frameOf(opcode: number, length: number): Buffer {
  const lengthBytes = length < 126 ? 0 : length < 0x1_00_00 ? 2 : 8
  const frame = Buffer.alloc(2 + lengthBytes + length)
  frame[0] = 0x80 | opcode
  frame[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127
  // No message comes near 4 GiB, so the upper half of a length of eight bytes stays zero.
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  if (lengthBytes === 8) frame.writeUInt32BE(length, 6)
  return frame
}

/** What a client has sent: a control frame, or something for which it is closed with this code. */
export type ClientFrame =
  | { readonly type: 'ping' | 'pong' | 'close'; readonly payload: Buffer }
  | { readonly type: 'violation'; readonly code: 1002 | 1003 }

/**
 * Reads the frames of one client, however its bytes are cut into chunks: each call returns those that are complete now.
 * Holds less than one control frame from call to call. A violation is the last that it returns.
 */
export function createFrameReader(): (chunk: Buffer) => ClientFrame[] {
  let held = Buffer.alloc(0)
  let isBroken = false
  return (chunk) => {
    const frames: ClientFrame[] = []
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    while (!isBroken) {
      const frame = firstFrame(rest)
      if (frame === undefined) break
      frames.push(frame)
      if (frame.type === 'violation') isBroken = true
      else rest = rest.subarray(headBytes + frame.payload.length)
    }
    held = isBroken ? Buffer.alloc(0) : Buffer.from(rest) // a copy, so that the whole chunk is not kept for it
    return frames
  }
}

/** Two bytes of its own, and the mask. */
const headBytes = 6
const maxControlBytes = 125

function firstFrame(bytes: Buffer): ClientFrame | undefined {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const [isFinal, reserved, opcode] = [first >= 0x80, first & 0x70, first & 0x0f]
  const [isMasked, length] = [second >= 0x80, second & 0x7f]
  if (reserved !== 0 || !isMasked) return violation(1002)
  if (opcode === opcodes.text || opcode === opcodes.binary) return violation(1003)
  const type = controlTypes.get(opcode)
  if (type === undefined || !isFinal || length > maxControlBytes) return violation(1002)
  if (bytes.length < headBytes + length) return undefined
  const payload = Buffer.from(bytes.subarray(headBytes, headBytes + length))
  for (const [position, byte] of payload.entries())
    payload[position] = byte ^ (bytes[2 + (position % 4)] ?? 0)
  return type === 'close' && !isClosePayload(payload) ? violation(1002) : { type, payload }
}

const controlTypes: ReadonlyMap<number, 'ping' | 'pong' | 'close'> = new Map([
  [opcodes.close, 'close'],
  [opcodes.ping, 'ping'],
  [opcodes.pong, 'pong'],
])

/** Empty, or with a code that may be sent (section 7.4). Nobody reads the reason behind it. */
function isClosePayload(payload: Buffer): boolean {
  if (payload.length < 2) return payload.length === 0
  const code = payload.readUInt16BE()
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000)
}

function violation(code: 1002 | 1003): ClientFrame {
  return { type: 'violation', code }
}
