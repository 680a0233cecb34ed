/** One message, whole: as text, as JSON or as bytes. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { LogRow } from '../model/message-log.js'
import { yard } from '../model/yard.js'
import { Choice } from '../parts/choice.js'
import { CopyButton } from '../parts/copy-button.js'
import { clockTime } from '../parts/figures.js'
import { visibleLine } from '../parts/visible-text.js'
import { bytesOf, copyTextOf, jsonOf, naturalShape, type Shape, sizeText } from './content.js'
import { download } from './export.js'
import { HexView } from './hex-view.js'
import { JsonView } from './json-view.js'
import { TextView } from './text-view.js'

export interface MessageDetailProps {
  row: LogRow
  onClose: () => void
}

const kindText = { sent: 'Sent to', received: 'Received from', event: 'About' } as const

export function MessageDetail({ row, onClose }: MessageDetailProps) {
  const { data, kind, label, at } = row
  const [shape, setShape] = useState<Shape>(() => naturalShape(data))
  useEffect(() => setShape(naturalShape(data)), [data])
  const json = useMemo(() => jsonOf(data), [data])
  const isText = typeof data === 'string'
  return (
    <aside class="detail" aria-label="Message">
      <header>
        <p>
          {kindText[kind]} <b>{visibleLine(label, 80)}</b>
          <span class="hint">
            {clockTime(at)}, {sizeText(data)}
            {isText && ' characters'}
          </span>
        </p>
        <button type="button" class="quiet" aria-label="Close message" onClick={onClose}>
          ✕
        </button>
      </header>
      <p class="actions">
        {kind !== 'event' && (
          <Choice
            name="Show as"
            value={shape}
            onChange={setShape}
            options={[
              ...(isText ? [['text', 'Text'] as const] : []),
              ...(json === undefined ? [] : [['json', 'JSON'] as const]),
              ['hex', 'Hex'],
            ]}
          />
        )}
        <CopyButton text={() => copyTextOf(data)} />
        {!isText && (
          <button type="button" onClick={() => download('message.bin', [data], 'application/octet-stream')}>
            Save
          </button>
        )}
        {kind === 'sent' && (
          <button type="button" onClick={() => yard.send(data, new Set([label]))}>
            Send again
          </button>
        )}
      </p>
      {shape === 'json' && json !== undefined ? (
        <JsonView key={row.seq} value={json} />
      ) : shape === 'hex' || !isText ? (
        <HexView bytes={bytesOf(data)} />
      ) : (
        <TextView key={row.seq} text={data} />
      )}
    </aside>
  )
}
