/**
 * The official conformance suite of the Model Context Protocol against the tools of `wsyard mcp`. It speaks HTTP, so here they are behind
 * HTTP; over the standard input and output they are tried in `mcp.test.ts`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createMcpTools } from '../../src/cli/mcp/mcp-server.js'
import { isLong } from '../support/length.js'
import { createTestHome, projectRoot, type TestHome } from '../support/processes.js'

const suite = join(projectRoot, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')

/**
 * What does not apply, by the reason: scenarios, and checks of scenarios the rest of which does. They fail as they must; everything else
 * passes, and what is listed here and does not fail is out of place.
 */
const inapplicable: Readonly<Record<string, readonly string[]>> = {
  "calls a tool that only the suite's own server has": [
    'json-schema-2020-12',
    'server-stateless: sep-2575-missing-capability-http-400',
    'server-stateless: sep-2575-server-no-log-without-loglevel',
    'server-stateless: sep-2575-server-rejects-undeclared-capability',
    'tools-call-audio',
    'tools-call-embedded-resource',
    'tools-call-error',
    'tools-call-image',
    'tools-call-mixed-content',
    'tools-call-simple-text',
    'tools-call-with-progress',
  ],
  'asks the client back, which no tool of ours does': [
    'elicitation-sep1034-defaults',
    'elicitation-sep1330-enums',
    'input-required-result-basic-elicitation',
    'input-required-result-basic-list-roots',
    'input-required-result-basic-sampling',
    'input-required-result-capability-check',
    'input-required-result-multi-round',
    'input-required-result-multiple-input-requests',
    'input-required-result-non-tool-request',
    'input-required-result-request-state',
    'input-required-result-result-type',
    'input-required-result-tampered-state',
    'server-stateless: sep-2575-http-server-no-independent-requests-on-stream',
    'tools-call-elicitation',
    'tools-call-sampling',
  ],
  'is about resources, prompts, completion and logging, which we do not offer': [
    'caching: sep-2549-prompts-list-caching-hints',
    'caching: sep-2549-resources-list-caching-hints',
    'caching: sep-2549-resources-templates-list-caching-hints',
    'completion-complete',
    'logging-set-level',
    'prompts-get-embedded-resource',
    'prompts-get-simple',
    'prompts-get-with-args',
    'prompts-get-with-image',
    'prompts-list',
    'resources-list',
    'resources-read-binary',
    'resources-read-text',
    'resources-subscribe',
    'resources-templates-read',
    'resources-unsubscribe',
    'tools-call-with-logging',
  ],
  'is about HTTP, which only this test puts the tools behind': [
    'dns-rebinding-protection',
    'http-custom-header-server-validation',
  ],
}

interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly errorMessage?: string
}

/** A check with the scenario that it belongs to. */
type NamedCheck = Check & { readonly scenario: string; readonly name: string }

let home: TestHome
let url: string

beforeAll(async () => {
  home = createTestHome()
  vi.stubEnv('SHIPYARD_HOME', home.path)
  const tools = createMcpTools({ directory: home.path, version: '0.0.0', onWarning() {} })
  const handler = createMcpHandler(() => tools.createServer())
  const answer = getRequestListener((request) => handler.fetch(request), { overrideGlobalObjects: false })
  const http = createServer((request, response) => void answer(request, response))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
  home.onCleanUp(async () => {
    http.closeAllConnections()
    http.close()
    await handler.close()
    await tools.close()
  })
})
afterAll(() => home[Symbol.asyncDispose]())

/** Runs all scenarios of a revision. */
async function runSuite(revision: string): Promise<NamedCheck[]> {
  const results = join(dirname(home.path), revision)
  const args = ['server', '--url', url, '--suite', 'all', '--spec-version', revision, '-o', results]
  const child = spawn(process.execPath, [...globSync, suite, ...args], { stdio: 'ignore' })
  await once(child, 'exit')
  return fs.readdirSync(results).flatMap((directory) => {
    const scenario = directory.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '')
    const checks: Check[] = JSON.parse(fs.readFileSync(join(results, directory, 'checks.json'), 'utf8'))
    return checks.map((check) => ({ ...check, scenario, name: `${scenario}: ${check.id}` }))
  })
}

/** The suite imports `globSync`, for its other parts, which Node has from 22 on. */
const globSync =
  'globSync' in fs
    ? []
    : ['--import', dataUrl(`import { register } from 'node:module'; register('${dataUrl(resolvingFs())}')`)]

function resolvingFs(): string {
  const substitute = dataUrl("export * from 'node:fs'; export const globSync = () => []")
  return `export const resolve = (name, context, next) =>
    name === 'fs' && context.parentURL?.includes('conformance')
      ? { url: '${substitute}', shortCircuit: true }
      : next(name, context)`
}

function dataUrl(code: string): string {
  return `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
}

describe('the conformance suite', () => {
  it('passes but for what does not apply', async () => {
    const checks: NamedCheck[] = []
    for (const revision of isLong ? ['2025-11-25', '2026-07-28'] : ['2026-07-28'])
      checks.push(...(await runSuite(revision)))
    const listed = Object.values(inapplicable).flat()
    const failed = checks.filter(({ status }) => status === 'FAILURE')
    const isListed = ({ scenario, name }: NamedCheck) => listed.includes(scenario) || listed.includes(name)
    expect(failed.filter((check) => !isListed(check))).toEqual([])
    const failing = new Set(failed.flatMap(({ scenario, name }) => [scenario, name]))
    if (isLong) expect(listed.filter((name) => !failing.has(name))).toEqual([]) // some are of one revision alone

    const passed = checks.filter((check) => check.status === 'SUCCESS' && !listed.includes(check.scenario))
    const scenarios = passed.map(({ scenario }) => scenario)
    const passing = [
      'tools-list',
      'server-stateless',
      'caching',
      ...(isLong ? ['server-initialize', 'ping'] : []),
    ]
    for (const scenario of passing) expect(scenarios).toContain(scenario)
    expect(passed.length).toBeGreaterThan(50)
  })
})
