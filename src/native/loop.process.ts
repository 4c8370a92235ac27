import { startThread } from '../threads.ts'
import type { FromThread, ThreadData } from './messages.ts'

/** The engine's process: what its thread is, for whoever needs to be able to lose it. Its first message is its data. */

// A terminal signals all that it runs. Only the server knows when its answers are told; then it says `close`.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

// The server is gone. There is nobody to tidy up for, and a card may hang at it.
const leave = () => process.kill(process.pid, 'SIGKILL')
process.on('disconnect', leave)
if (!process.connected) leave()
// In the midst of a step nothing is heard of the channel: a thread looks as well.
startThread(new URL('./parent-watch.thread.ts', import.meta.url), { workerData: process.ppid })

const data = new Promise<ThreadData>(resolve => process.once('message', message => resolve(message as ThreadData)))
// Not before signals are of no harm.
const { runEngine } = await import('./run-engine.ts')

/** Until the last message is on its way. */
let sent = Promise.resolve()

await runEngine(await data, {
  on: (event, listener) => process.on(event, listener),
  postMessage: (message: FromThread) => {
    sent = new Promise(resolve => process.send!(message, undefined, undefined, () => resolve()))
  },
  // The watch would keep it alive, and so might what a lost card has left.
  close: () => void sent.then(() => process.exit()),
})
