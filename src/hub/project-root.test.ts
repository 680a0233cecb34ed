import { expect, it } from 'vitest'
import { createHub } from './create-hub.js'
import { projectRoot } from './project-root.js'

it.runIf(process.platform !== 'win32').each([
  [undefined, undefined],
  ['/home/me/app', '/home/me/app'],
  ['/home/me/app/', '/home/me/app'],
  ['/home/me/web/../app', '/home/me/app'],
  ['/', '/'],
])('of the scope %j is %j', (scope, root) => {
  expect(projectRoot(scope)).toBe(root)
})

it.each(['', 'app', './app', null, 7])('makes no hub with the scope %j', (scope) => {
  const options = { scope } as { scope: string }
  expect(() => createHub(options)).toThrow(TypeError)
  expect(() => createHub(options)).toThrow(
    `scope must be an absolute path such as /home/me/app (got ${JSON.stringify(scope)}); projectOf()`,
  )
})
