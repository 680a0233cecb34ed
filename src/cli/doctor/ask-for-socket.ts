/**
 * What a server answers to the handshake of a page or of a program: that tells who may come in.
 */
import { type Handshake, shakeHands } from '../shake-hands.js'
import { type Answer, readAnswer } from './answer.js'

/** Resolves to the answer, which is 101 where the handshake is accepted. Rejects when there is none. Ends the socket. */
export async function askForSocket(handshake: Handshake, signal: AbortSignal): Promise<Answer> {
  const answer = await shakeHands(handshake, signal)
  if (typeof answer === 'string') return { status: 101 }
  try {
    return await readAnswer(answer)
  } finally {
    handshake.socket.destroy()
  }
}
