/**
 * Reads lines from a terminal, with editing and history, while other things are printed above the line that is being typed.
 */
import { on } from 'node:events'
import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { maxHistoryLines } from './history.js'

export interface LineEditor {
  /** What is typed, until Ctrl+D in an empty line, or until it is closed. */
  readonly lines: AsyncIterable<string>
  /** All of it so far, the oldest first. */
  readonly typed: readonly string[]
  /** Resolves when no more is read. */
  readonly ended: Promise<void>
  /** Prints something and puts the prompt, with what has been typed, below it. Before `start` and after the end it merely prints. */
  above(print: () => void): void
  /** Shows the prompt. */
  start(): void
  /** Takes the prompt away and gives the terminal back as it was. */
  close(): void
}

export interface LineEditorOptions {
  input: ReadStream
  /** Where the prompt is, and what is typed. */
  output: WriteStream
  /** What the arrow up calls back, the oldest first. */
  history: readonly string[]
  /** Hears of Ctrl+C, which is no signal here. */
  onInterrupt(): void
}

export function createLineEditor({ input, output, history, onInterrupt }: LineEditorOptions): LineEditor {
  const editor = createInterface({
    input,
    output,
    prompt: '> ',
    history: [...history].reverse(),
    historySize: maxHistoryLines,
  })
  const typed: string[] = []
  let isShown = false

  const lines = async function* (): AsyncGenerator<string> {
    for await (const [line] of events) yield String(line)
  }
  const events = on(editor, 'line', { close: ['close'] }) // from now on, so that nothing is missed
  const erase = (): void => {
    moveCursor(output, 0, -editor.getCursorPos().rows)
    cursorTo(output, 0)
    clearScreenDown(output)
  }
  /** Draws the prompt in this row. The editor goes up first, by as many rows as it remembers to have been below its first one. */
  const draw = (): void => {
    const rows: unknown = Reflect.get(editor, 'prevRows') // behind the cursor's own row where a text was pasted
    output.write('\n'.repeat(typeof rows === 'number' ? rows : 0))
    editor.prompt(true)
  }
  editor.on('line', (line) => {
    typed.push(line)
    if (isShown) editor.prompt()
  })
  editor.on('close', () => {
    if (isShown) erase()
    isShown = false
  })
  const ended = new Promise<void>((resolve) => editor.once('close', resolve))
  editor.on('SIGINT', onInterrupt)
  editor.on('SIGCONT', () => {
    if (isShown) editor.prompt(true) // it has paused its input when it comes back from Ctrl+Z
  })

  return {
    lines: lines(),
    typed,
    ended,
    above(print) {
      if (!isShown) return print()
      erase()
      print()
      draw()
    },
    start() {
      isShown = true
      editor.prompt()
    },
    close: () => editor.close(),
  }
}
