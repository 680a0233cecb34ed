/**
 * Which commands there are. What each does is loaded when it is the one that is asked for: a command starts as fast as what it needs.
 */
import type { Command } from 'commander'

/** What a command is given to work with. */
export interface CommandContext {
  /** Of the package. */
  readonly version: string
  /** Prints what went wrong without stopping the command. */
  onWarning(warning: Error): void
  /** Says with which code the process is to exit, when nothing is left to do. */
  exitWith(code: number): void
}

export interface CommandSummary {
  readonly summary: string
  /** Another name by which it is called. */
  readonly alias?: string
  /** Whether it works on the registry of this machine's disk alone, and so takes no `--registry`. */
  readonly isLocal?: boolean
  load(): Promise<(context: CommandContext) => Command>
}

export const commands: Readonly<Record<string, CommandSummary>> = {
  ls: {
    summary: 'show the servers that run now',
    alias: 'list',
    load: async () => (await import('./ls/ls-command.js')).lsCommand,
  },
  watch: {
    summary: 'show the servers, and each that comes, changes or goes as it happens, until Ctrl+C',
    load: async () => (await import('./watch/watch-command.js')).watchCommand,
  },
  connect: {
    summary: 'talk with a server: each line of the input is a message, and each of its messages is printed',
    load: async () => (await import('./connect/connect-command.js')).connectCommand,
  },
  run: {
    summary: 'run a command with a free port, registered for as long as it accepts WebSockets',
    load: async () => (await import('./run/run-command.js')).runCommand,
  },
  send: {
    summary: 'send one message to a server, or to all of them, and make sure that it was taken',
    load: async () => (await import('./send/send-command.js')).sendCommand,
  },
  url: {
    summary: 'print where a server is, for other programs',
    load: async () => (await import('./url/url-command.js')).urlCommand,
  },
  token: {
    summary: 'print the token that a server asks for, for other programs',
    load: async () => (await import('./token/token-command.js')).tokenCommand,
  },
  register: {
    summary: 'put a server into the registry that listens already',
    load: async () => (await import('./register/register-command.js')).registerCommand,
  },
  deregister: {
    summary: 'take an entry out of the registry',
    load: async () => (await import('./deregister/deregister-command.js')).deregisterCommand,
  },
  prune: {
    summary: 'take out what has ended, and end servers that nobody owns any more',
    load: async () => (await import('./prune/prune-command.js')).pruneCommand,
  },
  doctor: {
    summary: 'say what goes wrong and what to do about it',
    isLocal: true,
    load: async () => (await import('./doctor/doctor-command.js')).doctorCommand,
  },
  hub: {
    summary: 'show the servers to pages: the registry by push, and a relay to every server, at one port',
    load: async () => (await import('./hub/hub-command.js')).hubCommand,
  },
  mcp: {
    summary: 'let an agent find the servers and talk with them: an MCP server on the input and output',
    load: async () => (await import('./mcp/mcp-command.js')).mcpCommand,
  },
  completion: {
    summary: 'print what bash, zsh or fish needs to complete all of this',
    isLocal: true,
    load: async () => (await import('./completion/completion-command.js')).completionCommand,
  },
}

/** Loads a command, with what all of its kind have. */
export async function loadCommand(
  { load, isLocal }: CommandSummary,
  context: CommandContext,
): Promise<Command> {
  const command = (await load())(context)
  if (isLocal !== true) (await import('./registry-option.js')).addRegistryOption(command)
  return command
}

/** What is done when no command is named. */
export const defaultCommand = 'ls'
