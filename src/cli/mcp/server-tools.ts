/**
 * The tools about which servers there are: `list_servers` and `watch_servers`.
 */
import { closeness, toServer, toSnapshot } from '../../core/index.js'
import type { FollowedServers } from './followed-servers.js'
import { maxWaitMs } from './limits.js'
import type { Properties, Tool } from './tool.js'

/** A server as pages see it: without its token, and without what only the registry needs. */
const serverSchema: Properties[string] = {
  type: 'object',
  properties: {
    id: { type: 'string', description: 'of this run of the server' },
    name: { type: 'string', description: 'stays over restarts; may be shared' },
    port: { type: 'integer' },
    pid: { type: 'integer' },
    state: {
      type: 'string',
      description:
        'up; unresponsive: alive, but does not answer; orphaned: alive, but whoever started it has gone',
    },
    startedAt: { type: 'string' },
    host: { type: 'string' },
    path: { type: 'string', description: 'asked for where connect is given none' },
    auth: { type: 'string', description: 'token: connect brings it along' },
    meta: { type: 'object', description: 'what the server says of itself' },
    scope: { type: 'object', description: 'where it runs: directory, git worktree, branch' },
    instance: { type: 'string' },
  },
  required: ['id', 'port', 'pid', 'state'],
}

const pointSchema: Properties[string] = {
  type: 'string',
  description: 'for `since` of watch_servers',
}

const readOnly = { readOnlyHint: true, openWorldHint: false }

interface ListInput {
  readonly name?: string
  readonly project?: boolean
}

/** @param project the root of the project on whose behalf is asked */
export function listServers(followed: FollowedServers, project: string): Tool<ListInput> {
  return {
    title: 'List servers',
    description:
      'Lists the WebSocket servers that run on this machine now, the oldest first. Names, meta and scope are what the servers say of themselves.',
    input: {
      name: { type: 'string', description: 'only those of this name' },
      project: { type: 'boolean', description: `only those of the project ${project}` },
    },
    output: { servers: { type: 'array', items: serverSchema }, point: pointSchema },
    outputRequired: ['servers', 'point'],
    annotations: readOnly,
    async call({ name, project: isOfProject = false }) {
      const { point, servers } = await followed.now()
      const matching = servers.filter(
        (server) =>
          (name === undefined || server.name === name) &&
          (!isOfProject || closeness(server.scope, project) > 0),
      )
      return { ...toSnapshot(matching), point }
    },
  }
}

interface WatchInput {
  readonly since: string
  readonly timeoutMs?: number
}

export function watchServers(followed: FollowedServers): Tool<WatchInput> {
  return {
    title: 'Watch servers',
    description:
      'Says which servers have come, changed or gone since a point, each change once and in order, and waits for the first. Answers with `changes` and the next point; with all `servers` in place of `changes` when the point is too long ago. No changes means that the time is up.',
    input: {
      since: { type: 'string', description: 'the point of an earlier list_servers or watch_servers' },
      timeoutMs: {
        type: 'integer',
        minimum: 0,
        maximum: maxWaitMs,
        default: defaultWaitMs,
        description: 'how long to wait for a change',
      },
    },
    required: ['since'],
    output: {
      point: pointSchema,
      changes: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            type: { type: 'string', enum: ['added', 'updated', 'removed'] },
            reason: {
              type: 'string',
              description: 'of removed: deregistered, exited (it ended or was killed), replaced or expired',
            },
            server: serverSchema,
          },
          required: ['type', 'server'],
        },
      },
      servers: { type: 'array', items: serverSchema },
    },
    outputRequired: ['point'],
    annotations: readOnly,
    async call({ since, timeoutMs = defaultWaitMs }, signal) {
      const news = await followed.since(since, timeoutMs, signal)
      if ('servers' in news) return { ...toSnapshot(news.servers), point: news.point }
      const changes = news.changes.map(({ entry, ...change }) => ({ ...change, server: toServer(entry) }))
      return { point: news.point, changes }
    },
  }
}

const defaultWaitMs = 10_000
