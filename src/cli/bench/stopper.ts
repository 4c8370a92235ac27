import { EXIT, type ExitCode } from '../exit.ts'
import type { World } from '../world.ts'

export interface Stopper extends Disposable {
  readonly signal: AbortSignal
  /** What to end with, once a signal has come. */
  readonly code: ExitCode | undefined
}

/** Ctrl-C once: what was measured is kept. Twice: the end. */
export function stopper(world: World, say: (text: string) => void): Stopper {
  const controller = new AbortController()
  let code: ExitCode | undefined
  const restore = world.onSignal(signal => {
    const meant = signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
    if (code !== undefined) return world.exit(meant)
    code = meant
    say('stopping: what was measured is kept; once more ends at once')
    controller.abort()
  })
  return {
    signal: controller.signal,
    get code() {
      return code
    },
    [Symbol.dispose]: restore,
  }
}
