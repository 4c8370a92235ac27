import type { EngineTask, FromEngine } from './engine-messages.ts'
import { runEngineTask } from './run-engine-task.ts'

/** One engine of a matrix, in a process of its own: what a lost card takes with it is its cells. Its first message is its task. */

// A terminal signals all that it runs; the matrix decides what becomes of its engines.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

const task = await new Promise<EngineTask>(resolve =>
  process.once('message', message => resolve(message as EngineTask)),
)
let sent = Promise.resolve()
await runEngineTask(task, (message: FromEngine) => {
  sent = new Promise(resolve => process.send!(message, undefined, undefined, () => resolve()))
})
await sent
process.exit()
