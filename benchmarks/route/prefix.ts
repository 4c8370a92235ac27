import type { Figures } from '../bench/figures.ts'
import { runBench } from '../bench/run-bench.ts'
import { type Served, serve } from '../bench/served.ts'
import { gateway } from './gateway.ts'

const ENGINES = 4
/**
 * Beginnings that prompts share, dealt in turn: no multiple of the engines, or else each engine would see but a few of them in
 * turn as well. The cache of one engine holds about a fourth of them.
 */
const PREFIXES = 15
const PREFIX_TOKENS = 384
const PROMPT_TOKENS = 416
const OUTPUT_TOKENS = 8
/** For four beginnings and what runs, of a model of 7 layers × 4 heads × 32 × 2 × 4 bytes a token. */
const KV_MEMORY = '16MiB'

/** A shared-prefix workload over four native engines: by beginnings, and in turn. */
export async function prefix(figures: Figures): Promise<void> {
  const seen = { hits: {} as Record<string, number>, ttft: {} as Record<string, number> }
  for (const policy of ['round-robin', 'prefix']) {
    const engines: Served[] = []
    try {
      for (let i = 0; i < ENGINES; i++)
        engines.push(await serve('ember', '--device', 'cpu', '--threads', '1', '--kv-memory', KV_MEMORY))
      await using router = await gateway(engines, '--policy', policy, '--tokenizer', 'ember')
      const { run } = await runBench(
        router.url,
        ...['-c', '2', '-p', String(PROMPT_TOKENS), '-n', String(OUTPUT_TOKENS), '--send', 'text'],
        ...['--shared-prefix', String(PREFIX_TOKENS), '--prefixes', String(PREFIXES)],
        ...['--warm-up', '64', '--requests', '192', '--no-calibrate'],
      )
      const { tokens, ttft, requests } = run.measures
      seen.hits[policy] = tokens.cached / tokens.prompt
      seen.ttft[policy] = ttft.mean.value
      figures.add(
        `${PREFIXES} shared beginnings over ${ENGINES} engines, ${policy}: hit rate`,
        100 * seen.hits[policy],
        '%',
      )
      figures.add(
        `${PREFIXES} shared beginnings over ${ENGINES} engines, ${policy}: mean TTFT`,
        seen.ttft[policy],
        'ms',
      )
      figures.add(`${PREFIXES} shared beginnings over ${ENGINES} engines, ${policy}: failed`, requests.failed, '', '0')
    } finally {
      for (const engine of engines) await engine[Symbol.asyncDispose]()
    }
  }
  figures.add('by beginnings and not in turn: hit rate', seen.hits.prefix! / seen.hits['round-robin']!, '×', '≥ 2.5')
  figures.add('by beginnings and not in turn: mean TTFT', seen.ttft.prefix! / seen.ttft['round-robin']!, '×', '≤ 0.5')
}
