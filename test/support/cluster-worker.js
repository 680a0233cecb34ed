/**
 * A worker of a `cluster`: listens on a port that its parent picks and holds.
 */
import { createServer } from 'node:net'

createServer().listen(0, '127.0.0.1')
