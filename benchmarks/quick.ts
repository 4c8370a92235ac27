/**
 * The speeds that a user of the CPU engine feels, each beside what it is compared with, in one run of a minute or two:
 *
 *   npm run bench:quick                 a table
 *   npm run bench:quick -- --json FILE  and the same as JSON
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { openTarget } from '../src/targets.ts'
import { billionShape } from './quick/billion-shape.ts'
import { decodeRate } from './quick/decode-rate.ts'
import { mockCost } from './quick/mock-cost.ts'
import { prefixCache } from './quick/prefix-cache.ts'
import { tokenizerRate } from './quick/tokenizer-rate.ts'
import { Report } from './report.ts'

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const cores = availableParallelism()
const report = new Report()

{
  await using one = await openTarget('ember', { threads: 1 })
  const single = await decodeRate(one, 1, 192)
  report.add('ember, one stream, one core, SIMD', single, 'tok/s', '≥ 300')
  report.add('ember, 8 streams, one core, SIMD', (await decodeRate(one, 8, 192)) / single, '× one')
}
{
  await using reference = await openTarget('ember', { device: 'cpu-reference' })
  report.add('ember, one stream, one core, plain TypeScript', await decodeRate(reference, 1, 24), 'tok/s')
}
{
  await using all = await openTarget('ember')
  const single = await decodeRate(all, 1, 192)
  report.add(`ember, one stream, ${cores} cores`, single, 'tok/s')
  report.add(`ember, 8 streams, ${cores} cores`, (await decodeRate(all, 8, 192)) / single, '× one', '≥ 2')
  const { cold, warm } = await prefixCache(all)
  report.add('first token after a 400-token prompt, cold', cold, 'ms')
  report.add('the same with its prefix cached', warm, 'ms')
  report.add('prefix cache: sooner by', cold / warm, '×', '≥ 10')
}
const { ours, library } = await tokenizerRate()
report.add('8 KiB of English to tokens, warm', ours, 'ms', '≤ 3')
report.add('the same by @huggingface/tokenizers', library, 'ms')
for (const tokens of [1, 16]) report.add(`a mock’s answer of ${tokens} tokens, read`, await mockCost(tokens), 'µs CPU')
report.add(`Llama shape of 1.1 G weights, random int8, ${cores} cores`, await billionShape(cores), 'tok/s', '≥ 4')

report.save(values.json, 'npm run bench:quick -- --json FILE')
