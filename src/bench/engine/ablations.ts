import { TECHNIQUES } from '../../native/index.ts'

/** What is turned off in turn: nothing, then each technique that is on, then all of them. */
export function ablations(alreadyOff: readonly string[] = []): readonly (readonly string[])[] {
  const on = Object.keys(TECHNIQUES).filter(name => !alreadyOff.includes(name))
  return [[], ...on.map(name => [name]), ...(on.length > 1 ? [on] : [])]
}
