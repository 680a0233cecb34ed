import { describe, expect, it } from 'vitest'
import { portOf } from './own-process.js'

describe('portOf', () => {
  it('takes that of the scheme where none is named', () => {
    const origins = ['http://localhost:5173', 'http://localhost', 'https://app.example', 'https://[::1]:8443']
    expect(origins.map(portOf)).toEqual([5173, 80, 443, 8443])
  })
})
