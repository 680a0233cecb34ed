import { expect, it } from 'vitest'
import { whyFailed } from './why-failed.js'

it('a program, which asks nobody for permission, hears that nothing answers', async () => {
  const way = { url: 'ws://127.0.0.1:1/', protocols: [], transport: 'direct' as const }
  expect(await whyFailed(way, undefined, 0)).toEqual({ code: 'SERVER_UNREACHABLE' })
})
