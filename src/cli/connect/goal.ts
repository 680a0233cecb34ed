/**
 * What is waited for: so many messages, or one that matches. Pure.
 */

export interface GoalOptions {
  /** How many messages at most are waited for. */
  count?: number | undefined
  /** What one of them has to match. */
  expect?: RegExp | undefined
}

export interface Goal {
  /** Whether anything is waited for; without it the end of the input is the end. */
  readonly isSet: boolean
  /** Whether there is nothing to wait for any more, as it has come, or as so many messages have come without it. */
  readonly isOver: boolean
  readonly isReached: boolean
  /** How many messages have come. */
  readonly received: number
  /** Takes the next message, of which it asks the text only when it has to. */
  hear(textOf: () => string): void
  /** What has not come, for the end of a sentence; empty when nothing is missing. */
  describeMissing(): string
}

export function createGoal({ count, expect }: GoalOptions): Goal {
  let received = 0
  let hasMatched = false
  const isSet = count !== undefined || expect !== undefined
  const goal = {
    isSet,
    get received() {
      return received
    },
    get isReached() {
      return expect === undefined ? received === count : hasMatched
    },
    get isOver() {
      return isSet && (goal.isReached || received === count)
    },
    hear(textOf: () => string) {
      received += 1
      hasMatched ||= expect?.test(textOf()) === true
    },
    describeMissing() {
      if (!isSet || goal.isReached) return ''
      if (expect === undefined) return `, with ${received} of ${count} messages received`
      return `, with no message that matches ${expect} among the ${received} received`
    },
  }
  return goal
}
