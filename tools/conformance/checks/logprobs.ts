import { chat, chatText, complete, streamChat } from '../ask.ts'
import { type Check, type Context, demand, demandEqual } from '../check.ts'
import type { ChatLogprobs } from '../shapes.ts'

const TOP = 3

type Likelihoods = NonNullable<ChatLogprobs['content']>

async function chatLikelihoods(context: Context): Promise<{ content: string; likelihoods: Likelihoods }> {
  const { choices } = await chat(context, { logprobs: true, top_logprobs: TOP })
  const likelihoods = choices[0]?.logprobs?.content
  demand(likelihoods, 'logprobs were asked for, and there are none')
  return { content: choices[0]?.message.content ?? '', likelihoods }
}

export const logprobs: readonly Check[] = [
  {
    id: 'logprobs.tokens',
    item: 8,
    what: 'the tokens of logprobs, joined, are the content; so are their bytes',
    async run(context) {
      const { content, likelihoods } = await chatLikelihoods(context)
      const bytes = likelihoods.map(({ bytes }) => bytes)
      if (bytes.every(one => one))
        demandEqual(Buffer.from(bytes.flatMap(one => one ?? [])).toString(), content, 'the bytes')
      else context.tolerate('there are no bytes')
      demandEqual(likelihoods.map(({ token }) => token).join(''), content, 'the tokens')
    },
  },
  {
    id: 'logprobs.top',
    item: 8,
    what: 'top_logprobs are as many as asked for, likeliest first, the greedy one leading',
    async run(context) {
      for (const { token, logprob, top_logprobs: top } of (await chatLikelihoods(context)).likelihoods) {
        demandEqual(top.length, TOP, `how many stand beside ${JSON.stringify(token)}`)
        const values = top.map(one => one.logprob)
        demandEqual(
          values,
          values.toSorted((a, b) => b - a),
          'the order',
        )
        demand(values.every(value => value <= 0) && logprob <= 0, `a log-probability is above 0: ${values}`)
        demand(
          values.reduce((sum, value) => sum + Math.exp(value), 0) <= 1.001,
          `the probabilities beside ${JSON.stringify(token)} sum to more than 1`,
        )
        demand(Math.abs(values[0]! - logprob) < 1e-4, `the greedy token has ${logprob}, the likeliest ${values[0]}`)
      }
    },
  },
  {
    id: 'logprobs.stream',
    item: 8,
    what: 'streamed logprobs are those of the whole answer',
    async run(context) {
      const { content, likelihoods } = await chatLikelihoods(context)
      const { chunks } = await streamChat(context, { logprobs: true, top_logprobs: TOP })
      const streamed = chunks.flatMap(({ choices }) => choices.flatMap(choice => choice.logprobs?.content ?? []))
      demandEqual(chatText(chunks), content, 'the text')
      demandEqual(
        streamed.map(({ token }) => token),
        likelihoods.map(({ token }) => token),
        'the tokens',
      )
      const apart = Math.max(...streamed.map(({ logprob }, i) => Math.abs(logprob - likelihoods[i]!.logprob)))
      demand(apart < 0.02, `the log-probabilities differ by up to ${apart.toFixed(4)}`)
    },
  },
  {
    id: 'logprobs.completion',
    item: 8,
    what: 'of a completion: lists of one length, with offsets that fit the text',
    async run(context) {
      const [choice] = (await complete(context, { logprobs: 2 })).choices
      demand(choice?.logprobs, 'logprobs were asked for, and there are none')
      const { tokens, token_logprobs: values, top_logprobs: top, text_offset: offsets } = choice.logprobs
      demandEqual(tokens.join(''), choice.text, 'the tokens')
      demandEqual([values.length, offsets.length], [tokens.length, tokens.length], 'the lengths of the lists')
      if (top) demandEqual(top.length, tokens.length, 'the length of top_logprobs')
      let offset = offsets[0] ?? 0
      for (const [i, token] of tokens.entries()) {
        demandEqual(offsets[i], offset, `where ${JSON.stringify(token)} begins`)
        offset += [...token].length
      }
    },
  },
  {
    id: 'logprobs.absent',
    item: 8,
    what: 'there are none unless asked for',
    async run(context) {
      demandEqual((await chat(context)).choices[0]?.logprobs ?? null, null, 'logprobs')
      demandEqual((await complete(context)).choices[0]?.logprobs ?? null, null, 'logprobs of a completion')
    },
  },
]
