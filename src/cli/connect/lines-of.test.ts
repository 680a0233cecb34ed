import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { linesOf } from './lines-of.js'

async function split(...chunks: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(Readable.from(chunks, { objectMode: false }))) lines.push(line)
  return lines
}

it('ends a line at a newline, wherever the chunks end', async () => {
  const text = Buffer.from('eins\r\n\nzw€i\n{"x":"\u2028"}\rstill\nlast')
  const expected = ['eins', '', 'zw€i', '{"x":"\u2028"}\rstill', 'last']
  for (const size of [1, 2, 3, 7, text.length]) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
      text.subarray(n * size, (n + 1) * size),
    )
    expect(await split(...chunks)).toEqual(expected)
  }
})

it('has no line after the last newline, and none of nothing', async () => {
  expect(await split('a\n')).toEqual(['a'])
  expect(await split()).toEqual([])
})
