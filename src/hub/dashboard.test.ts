import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDashboardHandler } from './dashboard.js'

const parent = mkdtempSync(join(tmpdir(), 'wsyard-dashboard-'))
const built = join(parent, 'dashboard')
const dashboard = createDashboardHandler(built)
const http = createServer((request, response) => dashboard.handle(request, response, request.url ?? ''))
let url: string

beforeEach(async () => {
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
})
afterEach(() => {
  http.closeAllConnections()
  http.close()
  rmSync(parent, { recursive: true })
})

it('says how to build it where it is not built, and is there once it is, without what no page needs', async () => {
  const unbuilt = await fetch(url)
  expect([unbuilt.status, await unbuilt.text()]).toEqual([
    404,
    'The dashboard is not built. Build it: npm run build\n',
  ])
  mkdirSync(join(built, 'assets'), { recursive: true })
  writeFileSync(join(built, 'index.html'), 'page')
  writeFileSync(join(built, 'assets/index-1234.js'), 'script')
  writeFileSync(join(built, 'assets/index-1234.js.map'), 'map')

  const page = await fetch(url)
  expect([page.status, await page.text(), page.headers.get('cache-control')]).toEqual([
    200,
    'page',
    'no-cache',
  ])
  const script = await fetch(`${url}assets/index-1234.js`)
  expect([await script.text(), script.headers.get('cache-control')]).toEqual([
    'script',
    'public, max-age=31536000, immutable',
  ])
  const head = await fetch(url, { method: 'HEAD' })
  expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([
    200,
    '',
    page.headers.get('etag'),
  ])
  for (const name of ['assets/index-1234.js.map', 'assets', '../x'])
    expect((await fetch(url + name)).status).toBe(404)
})
