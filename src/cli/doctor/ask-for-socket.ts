/**
 * What a server answers to the handshake of a page or of a program: that tells who may come in.
 */
import { readBody } from '../discover/get.js'
import { type Handshake, shakeHands } from '../shake-hands.js'
import { type Answer, maxBodyBytes, readAnswer } from './answer.js'

/** Resolves to the answer, which is 101 where the handshake is accepted. Rejects when there is none. Ends the socket. */
export async function askForSocket(handshake: Handshake, signal: AbortSignal): Promise<Answer> {
  const answer = await shakeHands(handshake, signal)
  if (typeof answer === 'string') return { status: 101 }
  const text = await readBody(answer, maxBodyBytes)
  handshake.socket.destroy()
  return readAnswer(answer.statusCode ?? 0, text)
}
