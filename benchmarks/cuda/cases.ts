/**
 * Every operation of the device against the reference, on the card at hand, without a test runner in between: so that
 * compute-sanitizer can watch, and many processes share the work.
 *
 *   npx tsx benchmarks/cuda/cases.ts [--activation f32,bf16,f16] [--invariant no,yes] [--filter REGEXP] [--small ELEMENTS]
 *     [--processes 12] [--under "compute-sanitizer …"] [--name cases] [--out FOLDER]
 *
 *   npx tsx benchmarks/cuda/cases.ts --time [--filter REGEXP] [--seconds 40] [--tiny] [--json FILE]
 *
 * Prints what fails, and for each family of cases how many ran and their largest error. Exits with 1 where a case fails
 * or a process does not end with 0, as under a sanitizer that found something. With --time: what operations of real
 * models take, in microseconds and beside the card's ceilings.
 */
import { parseArgs } from 'node:util'
import type { ActivationType } from '../../src/native/device/device.ts'
import { chosenCases, runCases } from './cases/run-cases.ts'
import { share } from './cases/share.ts'
import { summarise } from './cases/summarise.ts'
import { time } from './cases/time.ts'
import { saveResult } from './result.ts'

const { values } = parseArgs({
  options: {
    activation: { type: 'string', default: 'f32,bf16,f16' },
    invariant: { type: 'string', default: 'no,yes' },
    filter: { type: 'string', default: '' },
    /** Leaves out cases whose tensors hold more elements together, for tools that are slow. */
    small: { type: 'string', default: 'Infinity' },
    processes: { type: 'string', default: '1' },
    under: { type: 'string', default: '' },
    name: { type: 'string', default: 'cases' },
    out: { type: 'string' },
    time: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '40' },
    tiny: { type: 'boolean', default: false },
    json: { type: 'string' },
    /** Share I of N, its results as JSON lines: what the processes are started with. */
    shard: { type: 'string' },
  },
})
const settings = values.activation.split(',').flatMap(activation =>
  values.invariant.split(',').map(invariant => ({
    activationType: activation as ActivationType,
    batchInvariant: invariant === 'yes',
  })),
)

if (values.time) {
  const { filter, tiny, seconds, json } = values
  const command = `npx tsx benchmarks/cuda/cases.ts --time${filter && ` --filter '${filter}'`}${tiny ? ' --tiny' : ''}`
  const request = { filter: new RegExp(filter), tiny, seconds: Number(seconds), json, command }
  if (!(await time(request))) process.exitCode = 1
} else if (values.shard !== undefined) {
  const [index = 0, count = 1] = values.shard.split('/').map(Number)
  const cases = await chosenCases(new RegExp(values.filter), Number(values.small))
  const mine = cases.filter((_, i) => i % count === index)
  await runCases(mine, settings, result => process.stdout.write(`${JSON.stringify(result)}\n`))
} else {
  const { activation, invariant, filter, small, processes, under } = values
  const passed = { activation, invariant, filter, small }
  const { results, failures } = await share(Number(processes), under.split(' ').filter(Boolean), passed)
  const { families, passed: allPassed } = summarise(results, failures)
  if (values.out !== undefined) {
    const run = `npx tsx benchmarks/cuda/cases.ts --activation ${activation} --invariant ${invariant}`
    const more = [
      filter && `--filter '${filter}'`,
      small !== 'Infinity' && `--small ${small}`,
      under && `--under '${under}'`,
    ]
    const figures = [
      { what: `${values.name}: cases that ran`, figure: results.length, unit: 'cases' },
      {
        what: `${values.name}: failures`,
        figure: results.filter(({ failed }) => failed).length + failures.length,
        unit: '',
        goal: '0',
      },
    ]
    const command = [run, ...more.filter(Boolean)].join(' ')
    saveResult(values.out, values.name, command, { families, failures, figures })
  }
  if (!allPassed) process.exitCode = 1
}
