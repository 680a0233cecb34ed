/**
 * Servers' tokens as they may be in etcd: only sealed with a key that those share who may connect, and bound to all else that the entry says,
 * so that nobody who can write there gets a token sent to another address.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { WsyardError } from '../core/index.js'

/** AES-256-GCM: a key of 32 bytes, a nonce of 12 and a tag of 16. */
const [cipherName, keyBytes, nonceBytes, tagBytes] = ['aes-256-gcm', 32, 12, 16] as const

export interface Seal {
  /** @param context all else that is said of the server */
  seal(token: string, context: string): string
  /** The token; undefined when it was sealed with another key, or for another context. */
  open(sealed: string, context: string): string | undefined
}

/**
 * @param text 32 bytes in base64, as `openssl rand -base64 32` prints them
 * @param path of the file that it comes from
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_URL` for anything else.
 */
export function createSeal(text: string, path: string): Seal {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== keyBytes) {
    const message = `The file "${path}" must hold a key of ${keyBytes} bytes in base64, and has ${key.length}. Make one with: openssl rand -base64 ${keyBytes} > ${path}`
    throw new WsyardError('WSYARD_ERR_REGISTRY_URL', message, { path })
  }
  const forNonces = createHmac('sha256', key).update('wsyard nonce').digest()

  /** Of what is sealed, so that the same always looks the same, and no two things have one. */
  const nonceOf = (token: string, context: string): Buffer =>
    createHmac('sha256', forNonces).update(`${token}\n${context}`).digest().subarray(0, nonceBytes)

  return {
    seal(token, context) {
      const nonce = nonceOf(token, context)
      const cipher = createCipheriv(cipherName, key, nonce).setAAD(Buffer.from(context))
      const sealed = Buffer.concat([nonce, cipher.update(token, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return sealed.toString('base64url')
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < nonceBytes + tagBytes) return undefined
      const nonce = bytes.subarray(0, nonceBytes)
      const decipher = createDecipheriv(cipherName, key, nonce).setAAD(Buffer.from(context))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        const token = Buffer.concat([
          decipher.update(bytes.subarray(nonceBytes, -tagBytes)),
          decipher.final(),
        ])
        return token.toString()
      } catch {
        return undefined
      }
    },
  }
}
