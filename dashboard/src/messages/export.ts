/**
 * The log as a file: one JSON object a line.
 */
import type { LogRow } from '../model/message-log.js'

/** `{"at":"…","kind":"received","id":"…","server":"…","text":"…"}`; a binary message has `base64` in place of `text`. */
export function exportLine({ at, kind, serverId, label, data }: LogRow): string {
  const content = typeof data === 'string' ? { text: data } : { base64: base64Of(new Uint8Array(data)) }
  return `${JSON.stringify({ at: new Date(at).toISOString(), kind, id: serverId, server: label, ...content })}\n`
}

/** Gives the browser a file to keep. */
export function download(name: string, parts: BlobPart[], type: string): void {
  const url = URL.createObjectURL(new Blob(parts, { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000) // a browser may still be writing it
}

/** As many bytes as a call takes for arguments. */
const chunk = 0x8000

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (let from = 0; from < bytes.length; from += chunk)
    binary += String.fromCharCode(...bytes.subarray(from, from + chunk))
  return btoa(binary)
}
