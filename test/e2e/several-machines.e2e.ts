/** The page of a hub on one machine, and a server on another: seen, named by where it is, and talked with. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startMachineHub } from '../support/machine-hub.js'
import { needMachines, startCluster } from '../support/machines.js'
import { cardOf, expect, test } from './fixtures.js'

test.skip(({ vite }) => vite === 'dev', "the page is the hub's own")

test('the page of a hub talks with a server of another machine, and shows which one it is of', async ({
  page,
}) => {
  needMachines({ skip: (reason) => test.skip(true, reason) as never })
  await using cluster = await startCluster(['alpha', 'beta'])
  const [alpha, beta] = cluster.machines
  if (alpha === undefined || beta === undefined) throw new Error('there are too few machines')
  const key = join(alpha.home, 'key')
  writeFileSync(key, randomBytes(32).toString('base64'))
  const registry = `etcd://${cluster.etcd}/team-a?secret-file=${key}`
  const startServer = async (...args: string[]): Promise<string> => {
    const script = ['test/support/machine-server.js', ...args]
    const server = beta.start(process.execPath, script, { env: { WSYARD_REGISTRY: registry } })
    const [, id = ''] = await server.printed(/^ready (\S+)/m)
    return id
  }
  const [{ link }, worker, local] = await Promise.all([
    startMachineHub(alpha, registry, ['--networks', cluster.network]),
    startServer('worker', '0.0.0.0', '8080', 'token'),
    startServer('local', '127.0.0.1', '8081', 'open'),
  ])
  await page.goto(link)
  const [far, near] = [cardOf(page, { id: worker }), cardOf(page, { id: local })]
  await expect(far).toContainText('Connected')
  await expect(far.getByTitle(`etcd://${cluster.etcd}/team-a`)).toHaveText(beta.address)
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await expect(page.getByRole('log')).toContainText('worker heard Hello from browser!')
  // One that only its own machine can reach is there too, with the name of that, and why nobody speaks with it.
  await expect(near.getByTitle(`etcd://${cluster.etcd}/team-a`)).toHaveText('beta')
  await expect(near).toContainText('is not dialled at beta port 8081')
})
