import { startThread } from '../threads.ts'
import type { ThreadData } from './messages.ts'
import { type EnginePort, runEngine } from './run-engine.ts'

/** The engine's process: what its thread is, for whoever needs to be able to lose it. Its first message is its data. */

// A terminal signals all that it runs. Only the server knows when its answers are told; then it says `close`.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

// The server is gone. There is nobody to tidy up for, and a card may hang at it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// In the midst of a step nothing is heard of the channel: a thread looks as well.
startThread(new URL('./parent-watch.thread.ts', import.meta.url), { workerData: process.ppid })

/** Until the last message is on its way. */
let sent = Promise.resolve()

const port: EnginePort = {
  on: (event, listener) => process.on(event, listener),
  postMessage: message => {
    sent = new Promise(resolve => process.send!(message, undefined, undefined, () => resolve()))
  },
  // The watch would keep it alive, and so might what a lost card has left.
  close: () => void sent.then(() => process.exit()),
}

process.once('message', data => void runEngine(data as ThreadData, port))
