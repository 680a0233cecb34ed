/**
 * The discovery spike's own way to register: read, push, write, with nothing to keep two from doing so at once.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * @param {string} path
 * @param {object} server
 * @throws {SyntaxError} when the file is read while another writes it, which ended a server of the spike.
 */
export function addAsSpike(path, server) {
  const registry = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { servers: [] }
  registry.servers.push(server)
  writeFileSync(path, JSON.stringify(registry, null, 2))
}
