import { engineConformance } from '../../test/engine-conformance.ts'
import { createMockEngine } from '../mock/index.ts'
import { openRouter } from './index.ts'

engineConformance(
  'router',
  () =>
    openRouter({
      upstreams: [{ url: 'mock:' }, { url: 'mock:' }],
      // What shares a prefix stays together, as the contract expects of a cache.
      policy: 'prefix',
      open: async () => createMockEngine({ ttftMs: 2, itlMs: 1, contextLength: 1024, slots: 200 }),
    }),
  { elsewhere: true },
)
