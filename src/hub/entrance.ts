/**
 * `/__wsyard/enter`: where the link of a hub leads that asks for a token. Its page brings the token once and gets a session for it
 * (`PROTOCOL.md`, "Who may come in"), so that no page ever holds the token, and plain WebSockets of any library come in.
 */
import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sessionCookieName, Token } from '../core/index.js'
import { isToken } from '../registry/index.js'
import { refuse } from './answers.js'

export interface Entrance {
  /** Whether a cookie's value is the session. */
  isSession(candidate: string): boolean
  /** Answers a request that is welcome, and has brought the token if it is a `POST`. */
  handle(request: IncomingMessage, response: ServerResponse): void
}

export function createEntrance(token: Token): Entrance {
  const session = new Token(createHmac('sha256', token.reveal()).update('wsyard session').digest('base64url'))

  return {
    isSession: (candidate) => isToken(candidate, session),
    handle(request, response) {
      const { method, headers } = request
      if (method === 'GET' || method === 'HEAD') {
        response.writeHead(200, pageHeaders).end(method === 'GET' ? page : undefined)
      } else if (method === 'POST') {
        const isSecure = headers.origin?.startsWith('https:') === true
        const attributes = `Path=/api/registry; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
        const cookie = `${sessionCookieName(headers)}=${session.reveal()}; ${attributes}`
        response.writeHead(204, { 'set-cookie': cookie, 'cache-control': 'no-store' }).end()
      } else {
        const message = `${method} is not answered here. Open the link that the hub printed.`
        refuse(response, { code: 'METHOD_NOT_ALLOWED', message }, { allow: 'GET, HEAD, POST' })
      }
    },
  }
}

/** The token leaves the address bar before anything else is done with it. */
const script = `
const { hash, search, pathname, origin } = location
history.replaceState(null, '', pathname)
const token = hash.replace(/^#token=/, '')
const asked = new URLSearchParams(search).get('to') || '/'
const to = URL.canParse(asked, origin) ? new URL(asked, origin) : {}
const say = (text) => { document.querySelector('p').textContent = text }
fetch(pathname, { method: 'POST', headers: { authorization: 'Bearer ' + token } }).then(
  async (response) => {
    if (response.ok) location.replace(to.origin === origin ? to : '/')
    else say((await response.json()).error.message)
  },
  () => say('The hub does not answer. Is it still running?'),
)
`

const style = `
html { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { display: grid; min-height: 100vh; margin: 0; place-items: center }
p { max-width: 36rem; padding: 1rem; text-align: center; text-wrap: balance }
`

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>wsyard</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<p role="status">One moment…</p>
<noscript><p>This page takes the token out of the link by a script: allow it, and open the link again.</p></noscript>
<script>${script}</script>
</body>
</html>
`

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
