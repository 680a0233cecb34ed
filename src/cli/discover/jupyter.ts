/**
 * Jupyter servers: a file for each in Jupyter's runtime directory, which also holds its token. The directory is that of `jupyter_runtime_dir`
 * in jupyter/jupyter_core, and the record that of `server_info` in jupyter-server/jupyter_server; the classic notebook's differs in names.
 */
import { join } from 'node:path'
import { defined } from '../../core/index.js'
import type { Discovered, Surroundings } from './discovered.js'
import { pidOf, plainUrlOf, portOf, textOf } from './fields.js'
import type { RecordFile } from './read-records.js'
import { recorded } from './recorded.js'

const kinds: Readonly<Record<string, string>> = { jpserver: 'Jupyter Server', nbserver: 'Jupyter Notebook' }

export async function jupyter(surroundings: Surroundings): Promise<Discovered[]> {
  const found = runtimeDirectories(surroundings).map((directory) =>
    recorded(directory, /^(?<kind>jpserver|nbserver)-.+\.json$/, surroundings, read),
  )
  return (await Promise.all(found)).flat()
}

function read({ record, caught: { kind = '' } }: RecordFile): Discovered | undefined {
  const port = portOf(record.port)
  const pid = pidOf(record.pid)
  // A server at a Unix socket has a port in its record that it does not listen on.
  if (port === undefined || pid === undefined || textOf(record.sock) !== undefined) return undefined
  return {
    source: 'jupyter',
    name: [kinds[kind], textOf(record.version)].filter(Boolean).join(' '),
    port,
    pid,
    ...defined({
      host: textOf(record.hostname),
      url: plainUrlOf(record.url)?.url,
      where: textOf(record.root_dir) ?? textOf(record.notebook_dir),
    }),
  }
}

/** The one that is named in the environment; else those that there may be, as one setting of Jupyter's changes which. */
function runtimeDirectories({ home, env, platform }: Surroundings): string[] {
  const { JUPYTER_RUNTIME_DIR, JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA, LOCALAPPDATA } = env
  if (JUPYTER_RUNTIME_DIR) return [JUPYTER_RUNTIME_DIR]
  if (JUPYTER_DATA_DIR) return [join(JUPYTER_DATA_DIR, 'runtime')]
  const data =
    platform === 'darwin'
      ? [join(home, 'Library', 'Jupyter'), join(home, 'Library', 'Application Support', 'Jupyter')]
      : platform === 'win32'
        ? [APPDATA, LOCALAPPDATA].flatMap((folder) => (folder ? [join(folder, 'jupyter')] : []))
        : [join(XDG_DATA_HOME || join(home, '.local', 'share'), 'jupyter')]
  return data.map((directory) => join(directory, 'runtime'))
}
