/**
 * Reads a message of what may be no hub, or one of another version (`PROTOCOL.md`, "Push"). Pure.
 */
import {
  type Change,
  isRecord,
  type Line,
  type PushMessage,
  type Revision,
  type SnapshotServer,
} from '../../core/index.js'

/** The message; one without news for what this version does not know; undefined for what makes no sense. */
export function parsePush(text: string): PushMessage | undefined {
  const message = parseRecord(text)
  switch (message?.type) {
    case 'part':
    case 'snapshot': {
      const { type, entries, scope } = message
      if (!isPoint(message) || !Array.isArray(entries) || !entries.every(isServer)) return undefined
      if (scope !== undefined && typeof scope !== 'string') return undefined
      return { ...message, type, entries, ...(scope !== undefined && { scope }) }
    }
    case 'change': {
      const { type, changes } = message
      if (!isPoint(message) || !Array.isArray(changes)) return undefined
      const known = changes.filter((change) => !isRecord(change) || !isOfAnotherVersion(change))
      return known.every(isChange) ? { ...message, type, changes: known } : undefined
    }
    case 'bookmark': {
      const { type, epoch } = message
      if (epoch === undefined) return { type }
      return isPoint(message) ? { ...message, type } : undefined
    }
    case 'problem': {
      const { type, error } = message
      if (error === null) return { type, error }
      if (!isRecord(error)) return undefined
      const { code, message: said } = error
      return typeof code === 'string' && typeof said === 'string'
        ? { type, error: { code, message: said } }
        : undefined
    }
    default:
      return typeof message?.type === 'string' ? { type: 'bookmark' } : undefined
  }
}

function parseRecord(text: string): Line | undefined {
  try {
    const message: unknown = JSON.parse(text)
    JSON.stringify(message) // what is nested too deep can be read, and not be shown
    return isRecord(message) ? message : undefined
  } catch {
    return undefined
  }
}

function isPoint(message: Line): message is Line & Revision {
  const { epoch, revision } = message
  return typeof epoch === 'string' && Number.isSafeInteger(revision) && Number(revision) >= 0
}

/** Whether it is a server as far as anything is made of it here: a later version may have other states. */
function isServer(value: unknown): value is SnapshotServer {
  if (!isRecord(value)) return false
  const { id, name = '', port, pid, state } = value
  const areTexts = [id, name, state].every((field) => typeof field === 'string')
  return areTexts && Number.isSafeInteger(port) && Number.isSafeInteger(pid)
}

/** Which a client skips. */
function isOfAnotherVersion({ type }: Line): boolean {
  return typeof type === 'string' && !/^(added|updated|removed)$/.test(type)
}

function isChange(value: unknown): value is Change<SnapshotServer> {
  if (!isRecord(value) || !isServer(value.entry)) return false
  const { type, reason } = value
  return type === 'removed' ? typeof reason === 'string' : /^(added|updated)$/.test(`${type}`)
}
