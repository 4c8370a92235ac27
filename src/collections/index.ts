/** Ways to keep things, where those of the language cost too much. */
export { type Listed, Roster } from './roster.ts'
