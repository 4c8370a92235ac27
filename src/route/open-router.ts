import type { Router, RouterOptions } from './router.ts'
import { RouterEngine } from './router-engine.ts'

/**
 * Opens engines and makes one of them, as soon as the first is there; the others join as they come, and whichever is lost is
 * opened again. Close it: until then it looks after them.
 *
 * @throws InvalidTargetError for a table that says what cannot be, or a URL that names no engine
 *
 * @example
 * const router = await openRouter({ upstreams: [{ url: 'mock:' }, { url: 'mock:?itl=9ms' }], open: ({ url }) => open(url) })
 * for await (const event of router.generate({ input: { text: 'Once' } })) console.log(event)
 * await router.close()
 */
export async function openRouter(options: RouterOptions): Promise<Router> {
  const router = new RouterEngine(options)
  try {
    await router.opened
  } catch (error) {
    await router.close()
    throw error
  }
  return router
}
