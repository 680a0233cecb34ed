/**
 * Linux: whose process has the other end of a connection. Its socket stands in `/proc/net/tcp` or `tcp6` with the same two
 * addresses the other way round, and with its user (proc_net_tcp of the kernel's documentation).
 */
import { open } from 'node:fs/promises'
import { formsOf, portText, type Table } from './linux-socket-tables.js'
import type { Connection } from './platform.js'

interface Question {
  /** The two addresses as they stand in each table that may have the socket. */
  readonly lines: ReadonlyMap<Table, string>
  answer(uid: number | undefined): void
}

/** Who waits for the next reading: one answers all, as the kernel goes through a table of some megabytes for each. */
let waiting: Question[] = []
let isReading = false

/** See `Platform.peerUser`. */
export function peerUser(connection: Connection): Promise<number | undefined> {
  return new Promise((answer) => {
    waiting.push({ lines: linesOf(connection), answer })
    if (!isReading) void readWhileAsked()
  })
}

function linesOf({ localAddress, localPort, remoteAddress, remotePort }: Connection): Question['lines'] {
  const locals = formsOf(localAddress)
  return new Map(
    [...formsOf(remoteAddress)].map(([table, remote]) => [
      table,
      ` ${remote}:${portText(remotePort)} ${locals.get(table)}:${portText(localPort)} `,
    ]),
  )
}

async function readWhileAsked(): Promise<void> {
  isReading = true
  while (waiting.length > 0) {
    let questions = waiting
    waiting = [] // who asks from now on may ask for a line that has been passed
    for (const table of ['tcp', 'tcp6'] as const) {
      questions = await answerFrom(table, questions).catch(() => questions)
    }
    for (const { answer } of questions) answer(undefined)
  }
  isReading = false
}

/** Answers the questions whose line is in a table. Resolves to the others. */
async function answerFrom(table: Table, questions: readonly Question[]): Promise<Question[]> {
  const asked = new Set(questions.filter(({ lines }) => lines.has(table)))
  const others = questions.filter(({ lines }) => !lines.has(table))
  if (asked.size === 0) return others
  for await (const text of piecesOf(table)) {
    for (const question of asked) {
      const line = question.lines.get(table) ?? ''
      const at = text.indexOf(line)
      if (at < 0) continue
      question.answer(userIn(text.slice(at + line.length)))
      asked.delete(question)
    }
    if (asked.size === 0) break
  }
  return [...others, ...asked]
}

/** What stands behind the two addresses. A socket that is being closed may have no process any more, and is root's then. */
function userIn(text: string): number | undefined {
  const [state, , , , uid, , inode] = text.split(/\s+/, 7)
  return state === established && inode !== '0' ? Number(uid) : undefined
}

/** `TCP_ESTABLISHED` of the kernel. */
const established = '01'

/** The kernel gives no more of a table at once. */
const pageBytes = 4096

/** The text of a table, some lines at a time: few at first, as the kernel looks on until it has all that was asked for. */
async function* piecesOf(table: Table): AsyncGenerator<string> {
  const file = await open(`/proc/net/${table}`)
  try {
    const buffer = Buffer.alloc(pageBytes)
    let rest = ''
    for (let length = pageBytes / 8; ; length = Math.min(2 * length, pageBytes)) {
      const { bytesRead } = await file.read(buffer, 0, length, null)
      if (bytesRead === 0) return
      const text = rest + buffer.toString('latin1', 0, bytesRead)
      const end = text.lastIndexOf('\n') + 1
      rest = text.slice(end)
      yield text.slice(0, end)
    }
  } finally {
    await file.close()
  }
}
