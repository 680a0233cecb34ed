/**
 * Editors that a coding agent may talk with: a file for each, with its token, where that agent looks. Claude Code's is described in `PROTOCOL.md`
 * of coder/claudecode.nvim, those of Gemini CLI and Qwen Code in `ide-companion-spec.md` of google-gemini/gemini-cli and QwenLM/qwen-code.
 */
import { join } from 'node:path'
import { defined, isRecord } from '../../core/index.js'
import type { Discovered, Surroundings } from './discovered.js'
import { pidOf, portOf, textOf } from './fields.js'
import type { RecordFile } from './read-records.js'
import { recorded } from './recorded.js'

/** Where to look. A file's name holds the port, and where that is so the pid before it. */
interface Place {
  readonly directory: string
  readonly name: RegExp
}

const lockFile = /^(?<port>\d+)\.lock$/

export async function editors(surroundings: Surroundings): Promise<Discovered[]> {
  const delimiter = surroundings.platform === 'win32' ? ';' : ':'
  const found = placesIn(surroundings).map(({ directory, name }) =>
    recorded(directory, name, surroundings, (file) => read(file, delimiter)),
  )
  return (await Promise.all(found)).flat()
}

function placesIn({ home, env, temporary }: Surroundings): Place[] {
  return [
    { directory: join(env.CLAUDE_CONFIG_DIR || join(home, '.claude'), 'ide'), name: lockFile },
    { directory: join(home, '.qwen', 'ide'), name: lockFile },
    ...['gemini', 'qwen'].map((agent) => ({
      directory: join(temporary, agent, 'ide'),
      name: /^(?:gemini|qwen-code)-ide-server-(?<pid>\d+)-(?<port>\d+)\.json$/,
    })),
  ]
}

function read({ record, caught }: RecordFile, delimiter: string): Discovered | undefined {
  const port = portOf(caught.port)
  if (port === undefined) return undefined
  const { ideInfo, workspaceFolders, workspacePath } = record
  const editor = isRecord(ideInfo) ? (textOf(ideInfo.displayName) ?? textOf(ideInfo.name)) : undefined
  const folders = Array.isArray(workspaceFolders) ? workspaceFolders : textOf(workspacePath)?.split(delimiter)
  return {
    source: 'editor',
    name: textOf(record.ideName) ?? editor ?? 'editor',
    port,
    ...defined({
      pid: pidOf(record.pid) ?? pidOf(record.ppid) ?? pidOf(caught.pid),
      url: record.transport === 'ws' ? `ws://127.0.0.1:${port}/` : undefined,
      where: textOf(folders?.[0]),
    }),
  }
}
