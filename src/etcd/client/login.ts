/**
 * The token of a user: asked for when it is first needed, and again when a member does not know it any more, by one for all who wait.
 */
import { EtcdError } from './etcd-error.js'

export interface Login {
  /** @throws {EtcdError} when the user is refused, or no member answers. */
  token(): Promise<string | undefined>
  /** A newer one than `used`, which has failed with this error; throws that where a token is not what is wrong. */
  tokenAfter(error: unknown, used: string | undefined): Promise<string | undefined>
  /** Asks for another one the next time, if this is still the one. */
  forget(used: string | undefined): void
  known(): string | undefined
}

export interface Credentials {
  readonly user: string
  readonly password: string
}

export function createLogin(
  credentials: Credentials | undefined,
  authenticate: (user: string, password: string) => Promise<{ readonly token: string }>,
): Login {
  let known: string | undefined
  let asking: Promise<string> | undefined

  const askOnce = async ({ user, password }: Credentials): Promise<string> => {
    const { token } = await authenticate(user, password)
    known = token
    return token
  }
  const token = async (): Promise<string | undefined> => {
    if (credentials === undefined) return undefined
    if (known !== undefined) return known
    asking ??= askOnce(credentials).finally(() => {
      asking = undefined
    })
    return asking
  }
  const forget = (used: string | undefined): void => {
    if (known === used) known = undefined
  }
  return {
    token,
    async tokenAfter(error, used) {
      if (!(error instanceof EtcdError) || error.outlook !== 'login') throw error
      if (credentials === undefined)
        throw new EtcdError(`${error.message} (${noCredentials})`, 'never', error)
      forget(used)
      return token()
    },
    forget,
    known: () => known,
  }
}

const noCredentials = 'this etcd asks for a user and a password: etcd://user:password@host, or password-file='
