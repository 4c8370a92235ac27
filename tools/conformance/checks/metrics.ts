import { chat } from '../ask.ts'
import { type Check, demand, demandEqual, Skip } from '../check.ts'
import { scrape } from '../scrape.ts'

/** The same figure under the names that servers give it. */
const GENERATED = ['vllm:generation_tokens_total', 'llamacpp:tokens_predicted_total']
const REQUEST_TIMES = ['vllm:e2e_request_latency_seconds']

/** Requests between two readings. */
const REQUESTS = 3

export const metrics: readonly Check[] = [
  {
    id: 'metrics.format',
    item: 18,
    what: '/metrics is Prometheus’ text format, each family with type and help',
    async run(context) {
      const { families } = await scrape(context)
      demand(families.size > 0, 'there are no metrics')
      for (const { name, type, help } of families.values())
        demand(type !== 'untyped' && help !== '', `${name} has no ${help === '' ? 'help' : 'type'}`)
      context.note(`${families.size} families`)
    },
  },
  {
    id: 'metrics.monotone',
    item: 18,
    what: 'counters only grow, and tokens are counted as usage counts them',
    async run(context) {
      const before = await scrape(context)
      let tokens = 0
      for (let i = 0; i < REQUESTS; i++) tokens += (await chat(context)).usage.completion_tokens
      const after = await scrape(context)
      for (const { name, type } of before.families.values())
        if (type === 'counter')
          demand(
            after.value(name)! >= before.value(name)!,
            `${name} fell from ${before.value(name)} to ${after.value(name)}`,
          )
      const counted = after.value(...GENERATED)
      if (counted === undefined) throw new Skip(`there is none of ${GENERATED.join(', ')}`)
      demandEqual(counted - before.value(...GENERATED)!, tokens, 'generated tokens')
    },
  },
  {
    id: 'metrics.histogram',
    item: 18,
    what: 'the histogram of request times counts each request once',
    async run(context) {
      const count = async () => {
        const { families } = await scrape(context)
        const family = REQUEST_TIMES.map(name => families.get(name)).find(Boolean)
        if (!family) throw new Skip(`there is none of ${REQUEST_TIMES.join(', ')}`)
        return family.samples.reduce(
          (sum, sample) => sum + ('histogram' in sample ? sample.histogram.counts.reduce((a, b) => a + b, 0) : 0),
          0,
        )
      }
      const before = await count()
      for (let i = 0; i < REQUESTS; i++) await chat(context)
      demandEqual((await count()) - before, REQUESTS, 'new requests in the histogram')
    },
  },
]
