/** What is said to servers: a text, JSON or a file, to all of them or to those that are selected. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { labelOf } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { onCommand } from '../page/commands.js'
import { Choice } from '../parts/choice.js'
import { byteSize, count } from '../parts/figures.js'
import { remembered } from '../parts/remembered.js'
import { useStore } from '../parts/store.js'
import { visibleLine } from '../parts/visible-text.js'

type Kind = 'text' | 'json' | 'file'

/** How many messages can be recalled, and how long one may be to be kept, in characters. */
const historyLength = 50
const maxKept = 10_000

/** The newest last. */
const sentBefore = remembered<readonly string[]>(
  'sent',
  [],
  (kept): kept is string[] => Array.isArray(kept) && kept.every((text) => typeof text === 'string'),
)

/** A server made by wsyard takes no larger frame, in bytes. */
const maxFile = 16 * 1024 * 1024

export function Composer() {
  const selection = useStore(yard.selection)
  const servers = useStore(yard.servers)
  const [kind, setKind] = useState<Kind>('text')
  const [text, setText] = useState('Hello from browser!')
  const [file, setFile] = useState<File>()
  const [problem, setProblem] = useState<string>()
  /** How far back in what was sent; 0 is what is being written. */
  const [back, setBack] = useState(0)
  const [draft, setDraft] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)

  useEffect(() => onCommand('write', () => field.current?.focus()), [])

  const reached = servers.filter(
    (server) => server.connection === 'connected' && (selection.size === 0 || selection.has(labelOf(server))),
  ).length
  const isEmpty = kind === 'file' ? file === undefined : text === ''

  const send = async (): Promise<void> => {
    setProblem(undefined)
    if (reached === 0 || isEmpty) return
    if (kind === 'json') {
      const wrong = jsonProblem(text)
      if (wrong !== undefined) return setProblem(wrong)
    }
    if (kind === 'file') {
      if (file === undefined) return
      if (file.size > maxFile)
        return setProblem(
          `${file.name} has ${byteSize(file.size)}; a message may have 16 MB. Choose a smaller file.`,
        )
      yard.send(await file.arrayBuffer())
      return
    }
    yard.send(text)
    setBack(0)
    if (text.length <= maxKept)
      sentBefore.set([...sentBefore.value.filter((one) => one !== text), text].slice(-historyLength))
  }
  const recall = (to: number): void => {
    const recalled = to === 0 ? draft : sentBefore.value.at(-to)
    if (recalled === undefined) return
    if (back === 0) setDraft(text)
    setBack(to)
    setText(recalled)
  }
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLTextAreaElement }): void => {
    const { value, selectionStart, selectionEnd } = event.currentTarget
    const isPlain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault()
      void send()
    } else if (event.key === 'ArrowUp' && isPlain && !value.slice(0, selectionStart).includes('\n')) {
      event.preventDefault()
      recall(Math.min(back + 1, sentBefore.value.length))
    } else if (
      event.key === 'ArrowDown' &&
      isPlain &&
      back > 0 &&
      !value.slice(selectionEnd).includes('\n')
    ) {
      event.preventDefault()
      recall(back - 1)
    }
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        const [dropped] = event.dataTransfer?.files ?? []
        if (dropped === undefined) return
        setFile(dropped)
        setKind('file')
      }}
    >
      <div class="composer-head">
        <Choice
          name="Kind of message"
          value={kind}
          onChange={setKind}
          options={[
            ['text', 'Text'],
            ['json', 'JSON'],
            ['file', 'File'],
          ]}
        />
        <p class="hint" aria-live="polite">
          {selection.size === 0
            ? `to all: ${count(reached, 'server')}`
            : `to ${[...selection].map((label) => visibleLine(label, 40)).join(', ')}: ${count(reached, 'server')}`}
        </p>
        {selection.size > 0 && (
          <button type="button" class="quiet" onClick={() => yard.selection.set(new Set())}>
            To all
          </button>
        )}
      </div>
      <div class="composer-field">
        {kind === 'file' ? (
          <input
            type="file"
            aria-label="File to send as one binary message"
            onChange={({ currentTarget: { files } }) => setFile(files?.[0])}
          />
        ) : (
          <textarea
            ref={field}
            aria-label="Message"
            placeholder={kind === 'json' ? '{ "type": "hello" }' : 'Message'}
            autocomplete="off"
            spellcheck={false}
            rows={Math.min(8, text.split('\n').length)}
            value={text}
            onInput={({ currentTarget: { value } }) => {
              setText(value)
              setBack(0)
            }}
            onKeyDown={onKeyDown}
          />
        )}
        <button type="submit" class="primary" disabled={reached === 0 || isEmpty}>
          Send Test Message
        </button>
      </div>
      {kind === 'file' && file !== undefined && (
        <p class="hint">
          {visibleLine(file.name, 100)}, {byteSize(file.size)}
        </p>
      )}
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : error}`
  }
}
