/** Bytes, sixteen a line: where, in hex, and as characters. */
import { VirtualList } from '../parts/virtual-list.js'
import { hexOf } from './content.js'

const perLine = 16

/** In pixels. */
const lineHeight = 20

export function HexView({ bytes }: { bytes: Uint8Array }) {
  const digits = Math.max(4, bytes.length.toString(16).length)
  return (
    <VirtualList
      count={Math.ceil(bytes.length / perLine)}
      itemHeight={lineHeight}
      boxProps={{ class: 'hex scroll', tabIndex: 0, 'aria-label': 'Bytes', role: 'region' }}
      render={(index, style) => {
        const line = bytes.subarray(index * perLine, (index + 1) * perLine)
        return (
          <div key={index} class="hex-line" style={style}>
            <span class="offset">{(index * perLine).toString(16).padStart(digits, '0')}</span>
            <span class="bytes">{hexOf(line)}</span>
            <span>{Array.from(line, characterOf).join('')}</span>
          </div>
        )
      }}
    />
  )
}

function characterOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'
}
