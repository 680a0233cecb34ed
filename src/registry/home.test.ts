import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { shipyardHome } from './home.js'
import { openRegistry } from './open-registry.js'

it('is .shipyard in the home directory unless SHIPYARD_HOME names another', () => {
  expect(shipyardHome({})).toBe(join(homedir(), '.shipyard'))
  expect(shipyardHome({ SHIPYARD_HOME: '/somewhere/else' })).toBe('/somewhere/else')
})

it.each(['', '.', 'relative/path', '~/.shipyard'])('refuses SHIPYARD_HOME=%j, saying what to do', (value) => {
  expect(() => shipyardHome({ SHIPYARD_HOME: value })).toThrow(
    expect.objectContaining({
      code: 'WSYARD_ERR_HOME_INVALID',
      message: expect.stringMatching(/SHIPYARD_HOME.*absolute/),
    }),
  )
})

it('refuses a relative path of the option home by its name', () => {
  expect(() => openRegistry({ home: 'here' })).toThrow(
    expect.objectContaining({
      code: 'WSYARD_ERR_HOME_INVALID',
      message: 'The option home is the relative path "here". Give an absolute path, or none.',
    }),
  )
})
