/** The commands: what talks to people. */
export { main } from './main.ts'
export { listenForSignals } from './signals.ts'
