/** A registry in an etcd that is asked by TLS. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { openRegistry } from '../../../src/registry/index.js'
import { hasEtcd, startEtcd } from '../../support/etcd.js'
import { needTool } from '../../support/tools.js'
import { watched } from '../../support/watched.js'

describe.skipIf(!hasEtcd())('a registry in an etcd with certificates', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wsyard-tls-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  beforeEach((context) => {
    needTool(context, 'openssl', 'openssl')
    if (existsSync(file('ours.crt'))) return
    for (const authority of ['ours', 'theirs']) makeAuthority(authority)
    for (const name of ['server', 'client']) makeCertificate(name, 'ours')
  })

  const file = (name: string): string => join(directory, name)
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

  function makeAuthority(name: string): void {
    const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)]
    openssl('req', '-x509', ...newKey, ...files, '-days', '2', '-subj', `/CN=${name}`)
  }

  /** For servers and clients: the gateway of etcd is a client of etcd. */
  function makeCertificate(name: string, authority: string): void {
    const request = ['-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)]
    openssl('req', ...newKey, ...request, '-subj', '/O=wsyard')
    writeFileSync(
      file(`${name}.ext`),
      'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n',
    )
    const signing = ['-CA', file(`${authority}.crt`), '-CAkey', file(`${authority}.key`), '-CAcreateserial']
    const files = ['-in', file(`${name}.csr`), '-out', file(`${name}.crt`), '-extfile', file(`${name}.ext`)]
    openssl('x509', '-req', ...files, ...signing, '-days', '2')
  }

  const serverArgs = (): string[] => ['--cert-file', file('server.crt'), '--key-file', file('server.key')]

  it('trusts the authority that the URL names, and no other', async () => {
    await using cluster = await startEtcd({ tls: true, args: serverArgs() })
    await using registry = openRegistry({
      registry: cluster.registryUrl({ query: `ca=${file('ours.crt')}` }),
    })
    const watcher = watched(registry)
    await registry.register({ port: 4000, id: 'a' })
    await expect.poll(() => watcher.ids()).toEqual(['a'])
    for (const query of [`ca=${file('theirs.crt')}`, '']) {
      await using other = openRegistry({ registry: cluster.registryUrl({ query }) })
      const message = expect.stringMatching(
        /certificate.*\. In the URL of the registry, ca= names the authority/,
      )
      await expect(other.register({ port: 4000 })).rejects.toMatchObject({
        code: 'WSYARD_ERR_REGISTRY_UNWRITABLE',
        message,
      })
      const told = watched(other)
      await expect.poll(() => told.problems).toMatchObject([{ message }])
    }
  })

  it('shows a certificate of its own where etcd asks for one', async () => {
    const args = [...serverArgs(), '--trusted-ca-file', file('ours.crt'), '--client-cert-auth']
    await using cluster = await startEtcd({ tls: true, args })
    const ca = `ca=${file('ours.crt')}`
    const query = `${ca}&cert=${file('client.crt')}&key=${file('client.key')}`
    await using registry = openRegistry({ registry: cluster.registryUrl({ query }) })
    const watcher = watched(registry)
    await registry.register({ port: 4000, id: 'a' })
    await expect.poll(() => watcher.ids()).toEqual(['a'])
    await using without = openRegistry({ registry: cluster.registryUrl({ query: ca }) })
    await expect(without.list()).rejects.toMatchObject({
      code: 'WSYARD_ERR_REGISTRY_UNREADABLE',
      message: expect.stringMatching(/certificate.*cert= and key= what etcd knows this client by\.$/),
    })
  })
})
