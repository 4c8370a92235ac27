import { checkRanks, FOLDER_VARIABLE, launch, type MpiReport, Word } from '../../dispatch/index.ts'
import { type Communicator, launcherOf, openCommunicator } from '../../mpi/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode, exitCodeOf, UsageError } from '../exit.ts'
import { terminalOf, withinRank } from '../rank-terminal.ts'
import type { World } from '../world.ts'
import { resultLine, verdictLine } from './print.ts'

/** The others may need so long to come to the end as well. */
const LEAVE_MS = 5000

/** `warpline mpi check`: one rank of it, or with `--ranks` what starts them. */
export async function runMpi(config: Config, outside: World, words: readonly string[]): Promise<ExitCode> {
  const [part, ...rest] = words
  if (part !== 'check' || rest.length > 0) throw new UsageError('mpi: say what is to be done: warpline mpi check')
  const { kind, rank } = launcherOf(outside.env)
  if (kind === 'none' && config.ranks !== undefined) return await startRanks(config.ranks, config, outside)
  const folder = outside.env[FOLDER_VARIABLE]
  const word = folder === undefined ? undefined : new Word(folder)
  const world = kind === 'none' ? outside : withinRank(outside, word)
  word?.leavePid(rank, process.pid)
  let code: ExitCode
  try {
    code = await checkHere(config, world)
  } catch (error) {
    if (rank === 0) word?.leaveCode(exitCodeOf(error))
    throw error
  }
  // `mpirun` takes whoever ends otherwise for one that failed, and says so at length.
  if (rank === 0) word?.leaveCode(code)
  return word === undefined ? code : EXIT.ok
}

async function checkHere(config: Config, world: World): Promise<ExitCode> {
  const group = await openCommunicator({ env: world.env })
  const say = (line: string) => world.stdout.write(`${line}\n`)
  const isShown = group.rank === 0 && !config.json
  if (isShown) say(`${group.library}, ${group.size === 1 ? 'one rank' : `${group.size} ranks`}\n`)
  let report: MpiReport | undefined
  try {
    report = await checkRanks(group, isShown ? { onResult: result => say(resultLine(result, world)) } : {})
  } finally {
    await leave(group, report?.ok ?? true)
  }
  if (!report) return EXIT.ok
  say(config.json ? JSON.stringify(report, null, 2) : `\n${verdictLine(report, world)}`)
  return report.ok ? EXIT.ok : EXIT.failure
}

/** Together, as MPI wants it; where that does not come about, alone. */
async function leave(group: Communicator, isWell: boolean): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, LEAVE_MS)
  })
  await Promise.race([group.close({ alone: !isWell && group.size > 1 }), late])
  clearTimeout(timer)
}

async function startRanks(ranks: number, { mpirun }: Config, world: World): Promise<ExitCode> {
  let restore = () => {}
  try {
    const code = await launch({
      ranks,
      program: world.command ?? [],
      env: terminalOf(world),
      ...(mpirun !== undefined && { mpirun }),
      onPrint: text => world.stdout.write(text),
      onStop: stop => {
        restore = world.onSignal(stop)
      },
    })
    return (code as ExitCode | undefined) ?? EXIT.failure
  } finally {
    restore()
  }
}
