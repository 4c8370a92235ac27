import type { Access } from '../src/serve/index.ts'

/** Asks for no keys, and lets one request after the other into the engine. */
export const oneAtATime: Access = {
  asksForKeys: false,
  identify: () => ({ tenant: { name: 'alone', limits: { concurrency: 1 } }, admin: true, cacheSalt: '' }),
}
