/**
 * That the engine takes its memory at load and none while it serves: what the card says is used (NVML) after loading and
 * after 1000 requests of all kinds, for a small model within 1 GiB and two sequences, and for a 7B with its defaults.
 *
 *   npx tsx benchmarks/cuda/memory.ts [OUT] [--requests 1000] [--only gemma-3-1b]
 *
 * Exits with 1 where it grew. The host's own memory is told for information.
 */
import { parseArgs } from 'node:util'
import { openCuda, openNvml } from '../../src/cuda/index.ts'
import { type NativeOptions, openInProcess } from '../../src/native/index.ts'
import { serveMixed } from './memory/serve-mixed.ts'
import { type Figure, saveResult } from './result.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { requests: { type: 'string', default: '1000' }, only: { type: 'string' } },
})
const requests = Number(values.requests)

const ENGINES: Readonly<Record<string, NativeOptions>> = {
  'gemma-3-1b': { quantize: 'int8', gpuMemory: '1GiB', maxSequences: 2, contextLength: 512, tokenBudget: 256 },
  'llama-2-7b': {},
}

const MIB = 2 ** 20
const card = openNvml().device(openCuda().devices[0]!.uuid) ?? openNvml().devices[0]!
const rows = []
for (const [model, options] of Object.entries(ENGINES)) {
  if (values.only !== undefined && values.only !== model) continue
  const before = card.memory.used
  const engine = await openInProcess(model, { device: 'cuda', loadFormat: 'dummy', ...options })
  const loaded = card.memory.used
  const host = process.memoryUsage().rss
  const started = performance.now()
  const served = await serveMixed(engine, requests)
  const seconds = (performance.now() - started) / 1000
  const after = card.memory.used
  const hostAfter = process.memoryUsage().rss
  await engine[Symbol.asyncDispose]()
  const row = {
    model,
    options,
    ...served,
    seconds,
    usedMiB: { before: before / MIB, loaded: loaded / MIB, served: after / MIB, closed: card.memory.used / MIB },
    grewMiB: (after - loaded) / MIB,
    told: Object.fromEntries(Object.entries(engine.model.memory ?? {}).map(([use, bytes]) => [use, bytes / MIB])),
    hostMiB: { loaded: host / MIB, served: hostAfter / MIB },
  }
  rows.push(row)
  const mebibytes = Object.entries(row.usedMiB).map(([when, used]) => `${when} ${used.toFixed(0)}`)
  console.log(`${model}: card, MiB: ${mebibytes.join(', ')}; grew by ${row.grewMiB.toFixed(1)}`)
  console.log(`  ${JSON.stringify(served)} in ${seconds.toFixed(1)} s; engine tells, MiB: ${JSON.stringify(row.told)}`)
  console.log(`  host, MiB: loaded ${row.hostMiB.loaded.toFixed(0)}, served ${row.hostMiB.served.toFixed(0)}`)
}
const [out] = positionals
if (out !== undefined) {
  const figures: Figure[] = rows.flatMap(({ model, usedMiB, grewMiB }) => [
    { what: `${model}: card's memory in use once loaded`, figure: usedMiB.loaded, unit: 'MiB' },
    { what: `${model}: growth over ${requests} mixed requests`, figure: grewMiB, unit: 'MiB', goal: '0' },
  ])
  saveResult(out, 'memory', 'npx tsx benchmarks/cuda/memory.ts OUT', { rows, figures })
}
if (rows.some(({ grewMiB }) => grewMiB > 0)) process.exitCode = 1
