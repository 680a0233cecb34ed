/**
 * Finds out whether what has a port is a standalone hub. Sends nothing that is secret.
 */

/** A hub answers from memory; what takes this long is something else. */
const answerMs = 1000

/** Whether a wsyard hub answers at this port of this machine. Never throws. */
export async function identify(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(answerMs)
    const response = await fetch(`http://127.0.0.1:${port}/api/registry`, { method: 'HEAD', signal })
    return response.headers.get('server') === 'wsyard'
  } catch {
    return false
  }
}
