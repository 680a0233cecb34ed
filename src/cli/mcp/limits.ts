/**
 * How much one agent may have open, unread and at once: an agent that is busy, or was told nonsense, costs this machine no more. The
 * tools' descriptions and `docs/guide/agents.md` say them too.
 */

/** A call that waits ends by then: clients give up after a minute. */
export const maxWaitMs = 30_000

export const maxConnections = 16

/** Of one connection; what comes beyond pushes out the oldest. */
export const maxUnreadBytes: number = 1024 * 1024

/** Sent or kept. */
export const maxMessageBytes: number = 1024 * 1024

/** A message is in memory as a whole before it can be dropped: one that is larger than this ends its connection, unread. */
export const maxTakenBytes: number = 16 * 1024 * 1024

/** What one `read` returns at most: it lands in a model's context. */
export const maxReadBytes: number = 64 * 1024

export const maxReadMessages = 1000
