import { describe, expect, it } from 'vitest'
import { inWords } from './run-event.js'

describe('what is told of a port that does not accept WebSockets', () => {
  const told = (status: number | null, reason = 'answers so.'): string =>
    inWords({ type: 'unanswered', port: 8080, reason, status })

  it('asks whether it is another path when it has answered', () => {
    for (const status of [101, 200, 404, 426])
      expect(told(status)).toContain('answers so. Is it another --path or --protocol? It is tried again.')
  })

  it('says how it is registered all the same when it asks for credentials', () => {
    for (const status of [401, 403]) {
      expect(told(status)).toContain('register it by "wsyard register --port 8080". It is tried again.')
      expect(told(status)).not.toContain('--path')
    }
  })

  it('asks nothing when there was no answer, or no question', () => {
    expect(told(null, 'cannot be registered: it is full.')).toBe(
      'port 8080 is not registered, as it cannot be registered: it is full. It is tried again.',
    )
  })
})
