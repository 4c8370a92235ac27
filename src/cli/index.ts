/** The commands: what talks to people. */
export { main } from './main.ts'
export type { Signal, World } from './world.ts'
