/**
 * A first server in each language, as a command to paste into a shell. Those that do not use wsyard write the one file that makes
 * a program known.
 */
export const firstServers = {
  javascript: `node --input-type=module -e "
import { createServer } from 'wsyard/server'
await createServer({ name: 'hello', auth: 'open', onConnection: (socket) =>
  socket.on('message', (data) => socket.send('Echo: ' + data)) })"`,

  python: `python3 -c "
import asyncio, json, os, time, websockets
os.chdir(os.environ.get('SHIPYARD_HOME') or os.path.expanduser('~/.shipyard'))
async def echo(socket, path=None):
    async for data in socket: await socket.send('Echo: ' + str(data))
async def main():
    server = await websockets.serve(echo, '127.0.0.1', 0)
    entry = dict(id='hello-%d' % os.getpid(), pid=os.getpid(), port=server.sockets[0].getsockname()[1],
        startedAt=time.strftime('%FT%TZ', time.gmtime()), instance=os.urandom(16).hex())
    json.dump(entry, open('servers.d/%s.json' % entry['id'], 'w'))
    await asyncio.Future()
asyncio.run(main())"`,

  shell: `PORT=8080 PID=12345  # of a WebSocket server that runs already
(umask 077; cd "\${SHIPYARD_HOME:-$HOME/.shipyard}" &&
printf '{"id":"my-server-%d","port":%d,"pid":%d,"startedAt":"%s","instance":"%s"}' "$PID" "$PORT" "$PID" \\
  "$(date -u +%FT%TZ)" "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')" > "servers.d/my-server-$PID.json")`,
} as const
