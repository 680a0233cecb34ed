/** A worker that has a client of its own, and says what it hears from a server named echo. */
import { createClient } from 'wsyard/client'

const client = createClient()
const socket = client.connect('echo')
socket.onopen = () => socket.send('hello')
socket.onmessage = ({ data }) => {
  postMessage(data)
  client.close()
}
