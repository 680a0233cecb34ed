import { expect, it } from 'vitest'
import { createLiteClient } from './create-lite-client.js'

const hub = 'http://localhost:1'
const signal = AbortSignal.abort()

it.each([
  '',
  'app',
  './app',
  '/home/me/app/',
  '/home/me/../app',
  '/home/me/.',
  '/home//me',
  'C:/app',
  'C:\\app\\',
])('takes no scope %j that is no plain absolute path', (scope) => {
  expect(() => createLiteClient({ hub, scope, signal })).toThrow(
    new TypeError(`scope must be an absolute path such as /home/me/app (got "${scope}")`),
  )
})

it.each(['/', '/home/me/app', '/home/me/.app/..x', 'C:\\app'])('takes the scope %j', (scope) => {
  createLiteClient({ hub, scope, signal }).close()
})
