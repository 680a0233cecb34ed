/** Plants a defect in the program that loads this first: it asks etcd how long its lease holds where it should renew it. */
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'

const { request } = http
Object.assign(http, {
  /** @param {[unknown, ...unknown[]]} given */
  request: (...[url, ...rest]) => {
    const isRenewal = url instanceof URL && url.pathname.endsWith('/lease/keepalive')
    const asked = isRenewal ? new URL('/v3/lease/timetolive', url) : url
    return Reflect.apply(request, http, [asked, ...rest])
  },
})
syncBuiltinESMExports()
