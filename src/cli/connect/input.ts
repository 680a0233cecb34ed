/**
 * Where the messages of a conversation come from: the command line, a pipe or file, or somebody who types.
 */
import { ReadStream, type WriteStream } from 'node:tty'
import { shipyardHome } from '../../registry/index.js'
import { harmlessLine } from '../text/format-message.js'
import { addToHistory, readHistory } from './history.js'
import { createLineEditor } from './line-editor.js'
import { linesOf } from './lines-of.js'
import { type Message, type Notation, readBytes } from './notation.js'

export interface Input {
  readonly messages: AsyncIterable<Message> | Iterable<Message>
  /** Whether it is a pipe or a file. */
  readonly isPiped: boolean
  /** Resolves when somebody who types has ended it, however much of it has been sent. */
  readonly ended: Promise<void>
  /** Prints something where it does not disturb what is being typed. */
  above(print: () => void): void
  /** Begins to ask for messages. */
  start(): void
  /** Gives back what it has taken. Works twice. */
  close(): void
}

export interface InputOptions {
  /** In which each message stands, if it is binary. */
  notation: Notation | undefined
  say(text: string): void
  onWarning(warning: Error): void
}

const never = new Promise<void>(() => {})

/** Messages that are known from the start. */
export function givenInput(messages: readonly Message[]): Input {
  return { messages, isPiped: false, ended: never, above: (print) => print(), start() {}, close() {} }
}

/** The lines of the standard input: with a prompt and history where that is a terminal and there is one to show them in. */
export function standardInput(options: InputOptions): Input {
  const { stdin, stdout, stderr } = process
  const screen = [stdout, stderr].find(({ isTTY }) => isTTY)
  if (stdin instanceof ReadStream && screen !== undefined) return typedInput(stdin, screen, options)
  return {
    messages: toMessages(linesOf(stdin), options.notation, (problem) => {
      throw new Error(problem)
    }),
    isPiped: true,
    ended: never,
    above: (print) => print(),
    start() {},
    close: () => void stdin.destroy(), // which may be waited for
  }
}

function typedInput(
  stdin: ReadStream,
  screen: WriteStream,
  { notation, say, onWarning }: InputOptions,
): Input {
  const home = shipyardHome()
  const orWarn = <T>(step: () => T): T | undefined => {
    try {
      return step()
    } catch (error) {
      onWarning(error instanceof Error ? error : new Error(String(error)))
      return undefined
    }
  }
  const history = orWarn(() => readHistory(home))
  let isClosed = false
  const editor = createLineEditor({
    input: stdin,
    output: screen,
    history: history ?? [],
    onInterrupt: () => void process.kill(process.pid, 'SIGINT'),
  })
  return {
    messages: toMessages(editor.lines, notation, (problem) =>
      editor.above(() => say(`Not sent, as ${problem}.`)),
    ),
    isPiped: false,
    ended: editor.ended,
    above: editor.above,
    start: editor.start,
    close() {
      if (isClosed) return
      isClosed = true
      editor.close()
      stdin.destroy()
      if (history !== undefined) orWarn(() => addToHistory(home, editor.typed)) // or it has been said already
    },
  }
}

async function* toMessages(
  lines: AsyncIterable<string>,
  notation: Notation | undefined,
  onProblem: (problem: string) => void,
): AsyncGenerator<Message> {
  for await (const line of lines) {
    const message = notation === undefined ? line : readBytes(line, notation)
    if (message === undefined) onProblem(`"${shorten(harmlessLine(line))}" is not ${notation}`)
    else yield message
  }
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}
