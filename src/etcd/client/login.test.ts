import { expect, it } from 'vitest'
import { EtcdError } from './etcd-error.js'
import { createLogin } from './login.js'

const credentials = { user: 'ann', password: 'hush' }
const expired = new EtcdError('http://host: etcdserver: invalid auth token', 'login')

/** Hands out token 1, token 2 and so on. */
function countingLogin() {
  let asked = 0
  const login = createLogin(credentials, async () => {
    asked += 1
    return { token: `token ${asked}` }
  })
  return { login, asked: () => asked }
}

it('asks once for all who need a token', async () => {
  const { login, asked } = countingLogin()
  expect(await Promise.all([login.token(), login.token()])).toEqual(['token 1', 'token 1'])
  expect(await login.token()).toBe('token 1')
  expect(asked()).toBe(1)
})

it('asks for another one once, however many have failed with the last', async () => {
  const { login, asked } = countingLogin()
  await login.token()
  const both = [login.tokenAfter(expired, 'token 1'), login.tokenAfter(expired, 'token 1')]
  expect(await Promise.all(both)).toEqual(['token 2', 'token 2'])
  expect(await login.tokenAfter(expired, 'token 1')).toBe('token 2')
  expect(asked()).toBe(2)
})

it('says what went wrong where that is not the token', async () => {
  const { login, asked } = countingLogin()
  const full = new EtcdError('full', 'never')
  await expect(login.tokenAfter(full, 'token 1')).rejects.toBe(full)
  await expect(login.tokenAfter(new TypeError('defect'), undefined)).rejects.toThrow(TypeError)
  expect(asked()).toBe(0)
})

it('asks again after it could not', async () => {
  const answers = [undefined, 'token']
  const login = createLogin(credentials, async () => {
    const token = answers.shift()
    if (token === undefined) throw new EtcdError('no leader', 'again')
    return { token }
  })
  await expect(login.token()).rejects.toThrow('no leader')
  expect(login.known()).toBeUndefined()
  expect(await login.token()).toBe('token')
})

it('without a user has no token, and says that one is needed where it is', async () => {
  const login = createLogin(undefined, async () => ({ token: 'never' }))
  expect(await login.token()).toBeUndefined()
  await expect(login.tokenAfter(expired, undefined)).rejects.toMatchObject({
    outlook: 'never',
    message: expect.stringContaining('etcd://user:password@host'),
  })
})
