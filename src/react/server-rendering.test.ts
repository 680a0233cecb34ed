import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { ClientServer } from '../client/index.js'
import { useClient, useMessages, useServer, useServers, useSocket, WsyardProvider } from './index.js'

function Everything() {
  const servers = useServers<{ meta: { role: string } }>()
  expectTypeOf(servers).toEqualTypeOf<readonly ClientServer<{ meta: { role: string } }>[]>()
  expectTypeOf(servers[0]?.meta.role).toEqualTypeOf<string | undefined>()
  const { connection, send, socket } = useSocket('worker-a')
  const messages = useMessages(socket)
  const facts = [useClient(), servers.length, useServer('a'), connection, send('x'), messages.length]
  return createElement('p', null, JSON.stringify(facts))
}

describe('on a server', () => {
  it('there is nothing yet, and no client is made', () => {
    const text = renderToString(
      createElement(WsyardProvider, { connectAll: true }, createElement(Everything)),
    )
    expect(text.replaceAll('&quot;', '"')).toBe('<p>[null,0,null,"disconnected",false,0]</p>')
  })
})

describe('outside of a provider', () => {
  it('a hook says what is missing', () => {
    expect(() => renderToString(createElement(Everything))).toThrow(
      'no <WsyardProvider> above this component',
    )
  })
})
