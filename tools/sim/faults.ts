import type { Clock } from '../../src/clock/index.ts'
import type { FaultyMachine } from '../../src/route/testing/faulty-engine.ts'
import type { Random } from '../../src/statistics/index.ts'

/** What can befall a machine, and how it is over. Each is at one machine at a time, with times between. */
const FAULTS = {
  crash: {
    begin: machine => machine.crash(),
    end: machine => machine.restart(),
  },
  hang: {
    begin: machine => machine.run(0),
    end: machine => machine.run(1),
  },
  slow: {
    begin: machine => machine.run(0.1),
    end: machine => machine.run(1),
  },
  break: {
    begin: machine => machine.breakStreams(),
    end: () => {},
  },
  cut: {
    begin: (machine, random) => {
      machine.cutsAfter = random.next() < 0.4 ? 'end' : random.int(13)
    },
    end: machine => {
      machine.cutsAfter = undefined
    },
  },
  flap: {
    begin: (machine, random, clock, forMs) => flap(machine, clock, clock.now() + forMs, 50 + random.int(400)),
    end: machine => {
      if (machine.isDown) machine.restart()
    },
  },
  overload: {
    begin: (machine, random) => {
      machine.refusesForMs = 100 + random.int(1000)
    },
    end: machine => {
      machine.refusesForMs = undefined
    },
  },
  'claims ill': {
    begin: machine => {
      machine.claims = 'failed'
    },
    end: machine => {
      machine.claims = undefined
    },
  },
  'crash unseen': {
    begin: machine => {
      machine.claims = 'ready'
      machine.crash()
    },
    end: machine => {
      machine.claims = undefined
      machine.restart()
    },
  },
} as const satisfies Record<string, Fault>

interface Fault {
  begin(machine: FaultyMachine, random: Random, clock: Clock, forMs: number): void
  end(machine: FaultyMachine): void
}

const KINDS = Object.keys(FAULTS) as (keyof typeof FAULTS)[]

export interface PlannedFault {
  readonly machine: number
  readonly kind: keyof typeof FAULTS
  readonly at: number
  readonly until: number
}

/** For each machine but the one that stays well, some faults one after the other, all over by `until`. */
export function planFaults(
  random: Random,
  machines: number,
  steady: number | undefined,
  from: number,
  until: number,
): PlannedFault[] {
  const planned: PlannedFault[] = []
  for (let machine = 0; machine < machines; machine++) {
    if (machine === steady) continue
    const meanGapMs = 200 + random.int(3000)
    for (let at = from + random.exponential(meanGapMs); at < until; at += random.exponential(meanGapMs)) {
      const over = Math.min(until, at + 50 + random.exponential(1500))
      planned.push({ machine, kind: KINDS[random.int(KINDS.length)]!, at, until: over })
      at = over
    }
  }
  return planned
}

export function arrangeFaults(
  planned: readonly PlannedFault[],
  machines: readonly FaultyMachine[],
  random: Random,
  clock: Clock,
  log: (line: string) => void,
): void {
  for (const { machine: number, kind, at, until } of planned) {
    const machine = machines[number]!
    clock.at(at, () => {
      log(`engine-${number} ${kind} until ${until.toFixed(1)}`)
      FAULTS[kind].begin(machine, random, clock, until - at)
    })
    clock.at(until, () => {
      log(`engine-${number} ${kind} is over`)
      FAULTS[kind].end(machine)
    })
  }
}

/** Up and down, until shortly before it is over. */
function flap(machine: FaultyMachine, clock: Clock, until: number, everyMs: number): void {
  if (machine.isDown) machine.restart()
  else machine.crash()
  if (clock.now() + everyMs < until) clock.at(clock.now() + everyMs, () => flap(machine, clock, until, everyMs))
}
