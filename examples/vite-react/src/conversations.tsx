/** What can be talked to: every server at once by the provider's connections, or one by a socket that follows its name. */
import { describeReason } from 'wsyard/client'
import { useClient, useMessages, useServers, useSocket } from 'wsyard/react'
import { Conversation } from './conversation.js'

export function Everyone() {
  const client = useClient()
  const messages = useMessages('all')
  const connected = useServers(({ connection }) => connection === 'connected').length
  return (
    <Conversation
      title="Everyone"
      state={`${connected} connected`}
      messages={messages}
      onSend={connected === 0 ? undefined : (text) => client?.broadcast(text)}
    />
  )
}

export function One({ name }: { name: string }) {
  const { socket, connection, reason, send } = useSocket(name)
  const messages = useMessages(socket)
  return (
    <Conversation
      title={name}
      state={reason === undefined ? connection : describeReason(reason)}
      messages={messages}
      onSend={connection === 'connected' ? send : undefined}
    />
  )
}
