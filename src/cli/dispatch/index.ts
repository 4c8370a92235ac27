import { type DispatchReport, dispatch, FOLDER_VARIABLE, launch, Word } from '../../dispatch/index.ts'
import { launcherOf } from '../../mpi/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../exit.ts'
import { terminalOf, withinRank } from '../rank-terminal.ts'
import type { Signal, World } from '../world.ts'
import { DispatchProgress } from './progress.ts'
import { reportText } from './report-text.ts'
import { dispatchOptions } from './settings.ts'

/** `warpline dispatch`: one rank of it, or with `--ranks` what starts them. */
export async function runDispatch(config: Config, outside: World): Promise<ExitCode> {
  const options = dispatchOptions(config)
  const { kind, rank } = launcherOf(outside.env)
  if (kind === 'none' && config.ranks !== undefined) return await startRanks(config.ranks, config, outside)
  const folder = outside.env[FOLDER_VARIABLE]
  const word = folder === undefined ? undefined : new Word(folder)
  const world = kind === 'none' ? outside : withinRank(outside, word)
  word?.leavePid(rank, process.pid)
  let code: ExitCode
  using progress = new DispatchProgress(world.stderr, { quiet: config.quiet })
  using stops = listen(world, { kind, lifeline: word !== undefined && rank === 0 })
  try {
    const { report, ok, leave } = await dispatch(options, {
      env: world.env,
      onStop: stops.to,
      onNotice: progress.say,
      onProgress: progress.update,
      onRank: rank => {
        if (!config.quiet) progress.say(rankLine(rank))
      },
    })
    progress[Symbol.dispose]()
    if (report) await print(config.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, world), world)
    code = report ? codeOf(report) : ok ? EXIT.ok : EXIT.failure
    // `mpirun` takes whoever ends otherwise for one that failed, and says so at length.
    if (rank === 0) word?.leaveCode(code)
    await leave(code)
    return word === undefined ? code : EXIT.ok
  } catch (error) {
    if (rank === 0) word?.leaveCode(exitCodeOf(error))
    throw error
  }
}

async function startRanks(ranks: number, { mpirun, quiet }: Config, world: World): Promise<ExitCode> {
  using stops = listen(world, { kind: 'none', lifeline: false })
  const code = await launch({
    ranks,
    program: world.command ?? [],
    env: terminalOf(world),
    ...(mpirun !== undefined && { mpirun }),
    onStop: stops.to,
    onPrint: text => world.stdout.write(text),
    onNotice: text => {
      if (!quiet) world.stderr.write(`${text}\n`)
    },
  })
  if (code !== undefined) return code as ExitCode
  if (stops.heard !== undefined) return stops.heard === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
  world.stderr.write('rank 0 was lost: what was done is kept, and --resume goes on with the rest\n')
  return EXIT.failure
}

/** All jobs are ok, or it was stopped before they were, or some are not. */
function codeOf({ all, stop, notDone, state }: DispatchReport): ExitCode {
  if (stop !== undefined && notDone > 0) return stop === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
  return state === 'done' && all.failed === 0 ? EXIT.ok : EXIT.failure
}

function rankLine({
  rank,
  host,
  state,
  target,
  device,
  reason,
}: Parameters<NonNullable<Parameters<typeof dispatch>[1]>['onRank'] & object>[0]): string {
  const at = [target, device].filter(Boolean).join(' / ')
  return `rank ${rank} on ${host}: ${at}${state === 'refused' ? ` cannot be opened: ${reason}` : ''}`
}

interface Stops extends Disposable {
  /** Who is told; what came before is told at once. */
  readonly to: (stop: (signal: Signal) => void) => void
  readonly heard: Signal | undefined
}

/**
 * What ends a run: SIGINT, SIGTERM, and SIGUSR1, which Open MPI's mpirun hands on; MPICH's sends that by itself where a rank is
 * lost, and Node would open its debugger at it. `lifeline`: the end of standard input as well.
 */
function listen(world: World, { kind, lifeline }: { readonly kind: string; readonly lifeline: boolean }): Stops {
  let heard: Signal | undefined
  let tell: ((signal: Signal) => void) | undefined
  const stop = (signal: Signal) => {
    heard ??= signal
    tell?.(signal)
  }
  const user1 = () => {
    if (kind !== 'mpich') stop('SIGINT')
  }
  const gone = () => stop('SIGTERM')
  const restore = world.onSignal(stop)
  process.on('SIGUSR1', user1)
  if (lifeline) world.stdin.on('end', gone).resume()
  return {
    to: run => {
      tell = run
      if (heard !== undefined) run(heard)
    },
    get heard() {
      return heard
    },
    [Symbol.dispose]: () => {
      restore()
      process.off('SIGUSR1', user1)
      if (lifeline) world.stdin.off('end', gone)
    },
  }
}

/** Resolves when it is out: leaving may end the process. */
function print(text: string, { stdout }: World): Promise<void> {
  return new Promise(resolve => {
    if (stdout.write(text)) setImmediate(resolve)
    else stdout.once('drain', resolve)
  })
}
