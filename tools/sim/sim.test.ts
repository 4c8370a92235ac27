import { expect, test } from 'vitest'
import { simulate } from './simulate.ts'

const SEEDS = 1000
const AT_ONCE = 100

/** What befell requests over all seeds so far. */
const seen = new Map<string, number>()

const firsts = Array.from({ length: SEEDS / AT_ONCE }, (_, i) => i * AT_ONCE + 1)

test.each(firsts)(
  `from seed %i on, ${AT_ONCE} runs hold what the router promises`,
  { timeout: 60_000 },
  async first => {
    const faults: string[] = []
    for (let seed = first; seed < first + AT_ONCE; seed++) {
      const run = await simulate(seed)
      faults.push(...run.faults.map(fault => `seed ${seed}: ${fault}  (npm run sim -- --seed ${seed} --verbose)`))
      for (const [what, count] of Object.entries(run.counts)) seen.set(what, (seen.get(what) ?? 0) + count)
    }
    expect(faults.join('\n')).toBe('')
  },
)

test('and in them, all that the router is there for did happen', () => {
  const WANTED = [
    'completed',
    'aborted',
    'left',
    'deadline_exceeded',
    'overloaded',
    'retries: unreachable',
    'retries: overloaded',
    'retries: first_token_timeout',
    'failovers: continue',
    'failovers: replay',
    'failovers: ended',
    'hedges: first',
    'hedges: second',
    'given up: first_token_timeout',
    'given up: stall_timeout',
    'ejected: so it says',
    'ejected: its last requests failed',
    'engine_closed',
    'model_not_found',
  ]
  expect(WANTED.filter(what => (seen.get(what) ?? 0) < 10)).toEqual([])
})

test('a seed gives the same run each time', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const [first, again] = [await simulate(seed), await simulate(seed)]
    expect(again.log).toEqual(first.log)
    expect(again.digest).toBe(first.digest)
  }
})
