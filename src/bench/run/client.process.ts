import { setFlagsFromString } from 'node:v8'
import type { FromClient, ToClient } from './messages.ts'

/** A client of a run, in a process of its own: what it does is its parent's to say. */

// Helpers of a collection must be given a core each before it can end: where a target has them all, that takes longer
// than to collect the little that there is alone, and what arrives meanwhile is timed late.
setFlagsFromString('--no-parallel-scavenge')

// A terminal signals all that it runs. What was measured is kept: only the run's own process knows when it is over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

// Nobody would read what it measures.
process.on('disconnect', () => process.exit())

const first = new Promise<ToClient>(resolve => process.once('message', message => resolve(message as ToClient)))
const send = (message: FromClient) =>
  new Promise<void>(resolve => process.send!(message, undefined, undefined, () => resolve()))

try {
  // Not before signals are of no harm.
  const { serveRun } = await import('./serve-run.ts')
  const open = await first
  if (open.type !== 'open') throw new Error(`a client was told to ${open.type} before it was told what`)
  await serveRun(open, { send, onMessage: listen => process.on('message', message => listen(message as ToClient)) })
} catch (error) {
  const { carried } = await import('./carried-error.ts')
  await send({ type: 'failed', error: carried(error) })
}
process.exit()
