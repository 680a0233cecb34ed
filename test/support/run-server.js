/**
 * A WebSocket server in plain `ws` at the port in PORT: with `--workers <n>` in so many processes of a cluster that share it, with
 * `--register-late` in the registry, but not before somebody has connected. Says each signal that it gets aloud, and ends by SIGTERM with code 0.
 */
import cluster from 'node:cluster'
import { WebSocketServer } from 'ws'
import { openRegistry } from 'wsyard/registry'

const workers = Number(process.argv[process.argv.indexOf('--workers') + 1] ?? 0) || 0
if (cluster.isPrimary && workers > 0) for (let count = 0; count < workers; count += 1) cluster.fork()
else {
  const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.env.PORT) })
  if (process.argv.includes('--register-late')) {
    server.once('connection', () => {
      const register = () => openRegistry().register({ port: Number(process.env.PORT), name: 'late' })
      setTimeout(register, 100)
    })
  }
  server.on('listening', () =>
    console.log(`listening ${process.env.PORT} at ${Date.now()} by ${process.pid}`),
  )
}
for (const signal of ['SIGINT', 'SIGUSR1', 'SIGUSR2', 'SIGHUP', 'SIGWINCH']) {
  process.on(signal, () => console.log(`got ${signal} by ${process.pid}`))
}
process.on('SIGTERM', () => process.exit(0))
