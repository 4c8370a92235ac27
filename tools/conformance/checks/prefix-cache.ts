import { chat, unseen } from '../ask.ts'
import { type Check, type Context, demand, demandEqual, Skip } from '../check.ts'
import type { ChatCompletion } from '../shapes.ts'

/** How much of the prompt was not computed, in tokens, wherever the server tells it. */
function cachedOf(answer: ChatCompletion): number | undefined {
  const told = answer.usage.prompt_tokens_details?.cached_tokens
  if (told !== undefined) return told
  const timings = answer.timings as { cache_n?: unknown; prompt_n?: unknown } | undefined
  if (typeof timings?.cache_n === 'number') return timings.cache_n
  return typeof timings?.prompt_n === 'number' ? answer.usage.prompt_tokens - timings.prompt_n : undefined
}

async function twice(context: Context): Promise<readonly [ChatCompletion, ChatCompletion]> {
  const messages = [{ role: 'user', content: unseen(200) }]
  const fields = { messages, logprobs: true, top_logprobs: 2, max_tokens: 12 }
  const first = await chat(context, fields)
  return [first, await chat(context, fields)]
}

export const prefixCache: readonly Check[] = [
  {
    id: 'cache.same',
    item: 11,
    what: 'a prompt that lies in the cache gives the very same log-probabilities',
    async run(context) {
      const [cold, warm] = await twice(context)
      if (!cachedOf(warm)) throw new Skip('nothing of the second prompt was cached, or it is not told')
      const [before, after] = [cold, warm].map(answer => answer.choices[0]?.logprobs?.content ?? [])
      demandEqual(warm.choices[0]?.message.content, cold.choices[0]?.message.content, 'the text')
      demandEqual(after?.length, before?.length, 'the number of tokens')
      const apart = Math.max(0, ...before!.map(({ logprob }, i) => Math.abs(logprob - after![i]!.logprob)))
      if (apart > 0) context.tolerate(`they differ by up to ${apart.toPrecision(2)}`)
      demand(apart < 0.05, `they differ by up to ${apart}`)
    },
  },
  {
    id: 'cache.counted',
    item: 12,
    what: 'cached_tokens is about 0 for a new prompt, and most of it the second time',
    async run(context) {
      const [cold, warm] = (await twice(context)).map(answer => ({ answer, cached: cachedOf(answer) }))
      if (cold!.cached === undefined || warm!.cached === undefined) throw new Skip('the server does not tell')
      if (warm!.answer.usage.prompt_tokens_details?.cached_tokens === undefined)
        context.tolerate('not in usage.prompt_tokens_details, but in timings')
      const { prompt_tokens: prompt } = warm!.answer.usage
      // What the chat template begins with may be the same for all.
      demand(cold!.cached <= 32, `expected about 0 of a new prompt, got ${cold!.cached} of ${prompt}`)
      if (warm!.cached === 0) throw new Skip('nothing is cached')
      demand(
        warm!.cached >= prompt * 0.7 && warm!.cached < prompt,
        `expected most of ${prompt} the second time, got ${warm!.cached}`,
      )
    },
  },
]
