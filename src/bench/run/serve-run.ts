import { preciseClock, systemClock } from '../../clock/index.ts'
import { openTarget } from '../../targets.ts'
import { openWork } from '../work/open-work.ts'
import { Client } from './client.ts'
import type { FromClient, ToClient } from './messages.ts'
import { RunClock } from './run-clock.ts'
import { targetOptions } from './target-kind.ts'
import { Vitals } from './vitals.ts'

/** Between two tellings of what was done, in ms. */
const TELL_MS = 250

/** The way to the run's own process. */
export interface Line {
  send(message: FromClient): Promise<void>
  onMessage(listen: (message: ToClient) => void): void
}

/** A client's life: opens what it needs, makes its share of the load from the run's start on, and tells of it. */
export async function serveRun({ spec, runId, share }: ToClient & { type: 'open' }, line: Line): Promise<void> {
  let client: Client | undefined
  const went = new Promise<number | undefined>(resolve => {
    line.onMessage(message => {
      if (message.type === 'go') resolve(message.startMs)
      else if (message.type === 'measure-from') client?.measureFrom(message.ms)
      else if (message.type === 'stop') {
        resolve(undefined)
        client?.stop()
      }
    })
  })

  await using engine = await openTarget(spec.target, targetOptions(spec.open))
  const work = await openWork(spec.work, spec.load, spec.seed, engine)
  await line.send({ type: 'ready', info: engine.info })
  const startMs = await went
  if (startMs === undefined) return line.send({ type: 'over' })

  // Only who must be on time pays for being so.
  const precise = spec.load.kind === 'closed' ? undefined : preciseClock()
  const clock = RunClock.ofMachine(precise ?? systemClock, startMs)
  const vitals = new Vitals(clock, () => precise?.polledMs ?? 0)
  client = new Client({
    spec,
    runId,
    share,
    engine,
    work,
    clock,
    onMeasured: () => void line.send({ type: 'measured' }),
    onWarm: () => void line.send({ type: 'warm' }),
  })
  const tell = () => line.send({ type: 'told', ...client!.take(), vitals: vitals.take() })
  const timer = setInterval(() => void tell(), TELL_MS)
  try {
    await client.run()
  } finally {
    clearInterval(timer)
    vitals.stop()
    await tell()
  }
  await line.send({ type: 'over' })
}
