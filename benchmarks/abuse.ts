/**
 * What a server comes through, in about three minutes; ends with 1 where something is not as it was before:
 *
 *   npm run bench:abuse                 a table
 *   npm run bench:abuse -- --json FILE  and the same as JSON
 *
 * The server is a process of its own, with its default patience; 20 000 file descriptors are needed.
 */
import { parseArgs } from 'node:util'
import { fuzz } from '../tools/conformance/fuzz/fuzz.ts'
import { ATTACKS, type Attack } from './abuse/attacks.ts'
import { HEALTH_BOUND_MS, judge, MEMORY_BOUND } from './abuse/verdict.ts'
import { Victim } from './abuse/victim.ts'
import { Report } from './report.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, fuzz: { type: 'string', default: '60' } } })

const FUZZ: Attack = {
  name: 'requests that a schema could, or could not, mean',
  clients: 4,
  async run({ url }, width) {
    const { faults, healthy } = await fuzz(url, { seconds: Number(values.fuzz), seed: 1, width })
    for (const fault of faults) console.error(fault)
    if (faults.length > 0 || !healthy) throw new Error('the fuzzer found faults')
  },
}

const report = new Report()
const broken: string[] = []
await using victim = await Victim.start({ mock: { contextLength: 2 ** 20, slots: 128 } })
// What is taken once and for all is taken before the first look.
await ATTACKS[0]!.run(victim, 100)
const before = await victim.memory()

for (const attack of [...ATTACKS, FUZZ]) {
  const { name, clients } = attack
  const { seconds, memoryGrowth, slowestHealthMs, violations } = await judge(attack, clients, victim, before)
  report.add(`${clients} × ${name}: over after`, seconds, 's')
  report.add('  /health meanwhile, at most', slowestHealthMs, 'ms', `≤ ${HEALTH_BOUND_MS}`)
  report.add('  memory beyond that of the beginning', memoryGrowth / 2 ** 20, 'MiB', `≤ ${MEMORY_BOUND / 2 ** 20}`)
  for (const violation of violations) console.error(`  VIOLATION: ${violation}`)
  broken.push(...violations)
}
report.save(values.json, 'npm run bench:abuse -- --json FILE')
if (broken.length > 0) process.exitCode = 1
