/**
 * Whether the browser lets this page reach this machine. Chromium asks the user for a page that came from elsewhere ("local network
 * access"); a page of this machine needs nobody's leave.
 */
import { isLoopbackHost } from '../core/index.js'

/** As Chromium names it since version 147, and before. */
const names = ['loopback-network', 'local-network-access']

/** Undefined where there is no such permission, as in other browsers and outside of them. */
export async function accessState(): Promise<PermissionState | undefined> {
  for (const name of names) {
    try {
      return (await navigator.permissions.query({ name } as PermissionDescriptor)).state
    } catch {} // it is not known by this name, or there are no permissions
  }
  return undefined
}

/** Whether what has this address is on this machine; undefined where there is no address, as outside of a page. */
export function isHere(address: string | undefined): boolean | undefined {
  return address === undefined ? undefined : isLoopbackHost(new URL(address).hostname.replace(/[[\]]/g, ''))
}

let isReached = false

/** Says that this machine was reached: a name of its own, as in `/etc/hosts`, needs no permission, and is not told apart before. */
export function noteReached(): void {
  isReached = true
}

/** Whether the permission is missing: what is refused looks to a page as if nothing were there. */
export async function isBlocked(): Promise<boolean> {
  const state = await accessState()
  return state === 'denied' || (state === 'prompt' && !isReached && isHere(location.href) === false)
}
