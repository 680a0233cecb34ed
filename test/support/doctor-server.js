/** A server of wsyard that is in no registry on disk, as one whose entry is lost: `doctor-server.js open|token`. */
import { createMemoryRegistry } from 'wsyard/registry'
import { createServer } from 'wsyard/server'

const auth = process.argv[2] === 'token' ? 'token' : 'open'
const { id, port } = await createServer({ auth, registry: createMemoryRegistry() })
console.log(`[${id}] WebSocket server listening on port ${port}`)
