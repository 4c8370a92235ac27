import type { Signal, World } from './world.ts'

/** Closer together than this, two signals under npm are one. */
const ECHO_MS = 500

const PARENT_CHECK_MS = 200

/**
 * Listens for the signals to stop until the returned function is called.
 *
 * Under npm two habits of its own are made up for: at Ctrl-C a shell that became us gets the signal from the terminal
 * and once more from npm; and a signal to npm alone reaches no further than the shell between, which dies of it.
 */
export function listenForSignals(env: World['env'], listener: (signal: Signal) => void): () => void {
  const underNpm = env.npm_lifecycle_event !== undefined
  let lastAt = Number.NEGATIVE_INFINITY
  const heard = (signal: Signal) => {
    const isEcho = underNpm && performance.now() - lastAt < ECHO_MS
    lastAt = performance.now()
    if (!isEcho) listener(signal)
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
  const watch = underNpm ? watchParent(() => heard('SIGTERM')) : undefined
  return () => {
    process.off('SIGINT', heard)
    process.off('SIGTERM', heard)
    clearInterval(watch)
  }
}

function watchParent(onGone: () => void): NodeJS.Timeout {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    onGone()
  }, PARENT_CHECK_MS)
  return watch.unref()
}
