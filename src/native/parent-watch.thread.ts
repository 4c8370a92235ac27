import { workerData } from 'node:worker_threads'

/** Ends its process, whatever that is doing, once the process's parent (`workerData`) has ended. */

const WATCH_MS = 500

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL')
}, WATCH_MS)
