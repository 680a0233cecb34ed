/**
 * Finds out whether what has an address is a standalone hub. Sends nothing that is secret.
 */

/** A hub answers from memory; what takes this long is something else. */
const answerMs = 1000

/** @param address as `http://127.0.0.1:9793`. @returns whether a wsyard hub answers there. Never throws. */
export async function identify(address: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(answerMs)
    const response = await fetch(`${address}/api/registry`, { method: 'HEAD', signal })
    return response.headers.get('server') === 'wsyard'
  } catch {
    return false
  }
}
