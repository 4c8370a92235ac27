/** Runs the router against engines that fail, on a clock that nobody waits for: see docs/simulation.md. */
import { parseArgs } from 'node:util'
import { comparePolicies } from './policies.ts'
import { type Run, simulate } from './simulate.ts'

const USAGE = `usage: npm run sim -- [--seed N] [--seeds COUNT] [--verbose]
       npm run sim -- --policies [--seed N]

  --seed N       the first seed; default 1
  --seeds COUNT  as many seeds from there on; default 1
  --verbose      print all that happened
  --policies     compare the policies on prompts that share prefixes`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      verbose: { type: 'boolean', default: false },
      policies: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [first, count] = [Number(values.seed), Number(values.seeds)]
  if (values.help || !Number.isSafeInteger(first) || !(Number.isSafeInteger(count) && count > 0)) {
    console.error(USAGE)
    return values.help ? 0 : 2
  }
  if (values.policies) {
    console.log(await comparePolicies(first))
    return 0
  }
  const counts: Record<string, number> = {}
  let bad = 0
  let ms = 0
  const beganAt = performance.now()
  for (let seed = first; seed < first + count; seed++) {
    const run = await simulate(seed)
    if (values.verbose) for (const line of run.log) console.log(line)
    if (run.faults.length > 0) bad++
    report(run)
    for (const [how, number] of Object.entries(run.counts)) counts[how] = (counts[how] ?? 0) + number
    ms += run.ms
    if (count === 1) console.log(`seed ${seed}: digest ${run.digest}`)
  }
  const seconds = (performance.now() - beganAt) / 1000
  const ended = Object.entries(counts).map(([how, number]) => `${number} ${how}`)
  console.log(`${ended.join(', ')}`)
  console.log(
    `${count} runs, ${bad} with faults; ${(ms / 3.6e6).toFixed(1)} simulated hours in ${seconds.toFixed(1)} s`,
  )
  return bad > 0 ? 1 : 0
}

function report({ seed, faults }: Run): void {
  if (faults.length === 0) return
  for (const fault of faults) console.log(`seed ${seed}: ${fault}`)
  console.log(`  again: npm run sim -- --seed ${seed} --verbose`)
}

process.exitCode = await main()
