/** Servers elsewhere, as engines. */
export { openRemote } from './open-remote.ts'
export type { RemoteApi, RemoteOptions } from './options.ts'
