import type { Word } from '../dispatch/index.ts'
import type { Output, World } from './world.ts'

/** The width of the terminal that what ranks print ends in, where it does: they cannot see it themselves. */
const TERMINAL_VARIABLE = 'WARPLINE_RANK_TERMINAL'

/** For the environment of ranks: whether what they print is seen on a terminal. */
export function terminalOf({ stdout, stderr }: Pick<World, 'stdout' | 'stderr'>): Readonly<Record<string, string>> {
  return stdout.isTTY && stderr.isTTY ? { [TERMINAL_VARIABLE]: String(stderr.columns || 80) } : {}
}

/**
 * Open MPI gives each rank a terminal of its own, wherever `mpirun` prints to: it is no sign of a person. Data goes to `word`
 * where there is one.
 */
export function withinRank(world: World, word?: Word): World {
  const columns = Number(world.env[TERMINAL_VARIABLE])
  const seen = (output: Output): Output => ({
    write: text => output.write(text),
    once: (event, listener) => output.once(event, listener),
    ...(columns > 0 ? { isTTY: true, columns } : { isTTY: false }),
  })
  const stdout = seen(world.stdout)
  return {
    ...world,
    stdout: word ? { ...stdout, write: text => leave(text, word) } : stdout,
    stderr: seen(world.stderr),
  }
}

function leave(text: string, word: Word): true {
  word.print(text)
  return true
}
