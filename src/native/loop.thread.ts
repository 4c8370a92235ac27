import { parentPort, workerData } from 'node:worker_threads'
import type { ThreadData } from './messages.ts'
import { runEngine } from './run-engine.ts'

/** The engine's thread. It never waits for the server's thread, nor the server's for it. */

void runEngine(workerData as ThreadData, parentPort!)
