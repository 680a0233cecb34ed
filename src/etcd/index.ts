export { type EtcdOptions, openEtcdRegistry } from './open-etcd-registry.js'
