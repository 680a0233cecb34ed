import { expect, it } from 'vitest'
import { nameOfFileSystem } from './file-systems.js'

it.each([
  [0x6969, 'NFS'],
  [0x01021997, '9p'],
  [-11317950, 'CIFS'],
  [0xef53, undefined],
  [0x01021994, undefined],
])('takes the type %i for %s', (type, name) => {
  if (name === undefined) expect(nameOfFileSystem(type)).toBe(undefined)
  else expect(nameOfFileSystem(type)).toContain(name)
})
