/** What the cases are run on. A line taken out here is a run left out. */
export const subjects = [
  'native', // the browser's own WebSocket: the reference
  'direct', // client.webSocketFor(name), straight to the server's port
  'relay', // the same through the hub
] as const

export type SubjectName = (typeof subjects)[number]
