/**
 * The speeds that a user of the CPU engine feels, each beside what it is compared with, in one run of a minute or two:
 *
 *   npm run bench:quick                 a table
 *   npm run bench:quick -- --json FILE  and the same as JSON
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { openTarget } from '../src/targets.ts'
import { billionShape } from './quick/billion-shape.ts'
import { decodeRate } from './quick/decode-rate.ts'
import { prefixCache } from './quick/prefix-cache.ts'
import { tokenizerRate } from './quick/tokenizer-rate.ts'

/** One line of the table. `goal` is what the figure should reach, where there is one. */
interface Row {
  readonly what: string
  readonly figure: number
  readonly unit: string
  readonly goal?: string
}

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const cores = availableParallelism()
const rows: Row[] = []

function report(what: string, figure: number, unit: string, goal?: string): void {
  rows.push({ what, figure, unit, ...(goal !== undefined && { goal }) })
  console.log(`${what.padEnd(64)} ${figure.toFixed(figure < 10 ? 2 : 0).padStart(8)} ${unit.padEnd(7)} ${goal ?? ''}`)
}

console.log(`${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cores} cores, Node ${process.version}\n`)

{
  await using one = await openTarget('ember', { threads: 1 })
  const single = await decodeRate(one, 1, 192)
  report('ember, one stream, one core, SIMD', single, 'tok/s', '≥ 300')
  report('ember, 8 streams, one core, SIMD', (await decodeRate(one, 8, 192)) / single, '× one')
}
{
  await using reference = await openTarget('ember', { device: 'cpu-reference' })
  report('ember, one stream, one core, plain TypeScript', await decodeRate(reference, 1, 24), 'tok/s')
}
{
  await using all = await openTarget('ember')
  const single = await decodeRate(all, 1, 192)
  report(`ember, one stream, ${cores} cores`, single, 'tok/s')
  report(`ember, 8 streams, ${cores} cores`, (await decodeRate(all, 8, 192)) / single, '× one', '≥ 2')
  const { cold, warm } = await prefixCache(all)
  report('first token after a 400-token prompt, cold', cold, 'ms')
  report('the same with its prefix cached', warm, 'ms')
  report('prefix cache: sooner by', cold / warm, '×', '≥ 10')
}
const { ours, library } = await tokenizerRate()
report('8 KiB of English to tokens, warm', ours, 'ms', '≤ 3')
report('the same by @huggingface/tokenizers', library, 'ms')
report(`Llama shape of 1.1 G weights, random int8, ${cores} cores`, await billionShape(cores), 'tok/s', '≥ 4')

if (values.json !== undefined) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const machine = { cpu: cpus()[0]?.model.trim(), cores, node: process.version }
  writeFileSync(
    values.json,
    `${JSON.stringify({ command: 'npm run bench:quick -- --json', date: new Date().toISOString(), commit, machine, rows }, null, 2)}\n`,
  )
}
