import type { ChosenLogprob, TokenLogprob } from '../../engine/index.ts'

/** JSON has no −∞; vLLM says this instead. */
const LEAST = -9999

/** The shape of chat. */
export function chatLogprobs(logprobs: readonly ChosenLogprob[]) {
  return {
    content: logprobs.map(chosen => ({ ...describe(chosen), top_logprobs: chosen.top.map(describe) })),
    refusal: null,
  }
}

function describe({ token, logprob, bytes }: TokenLogprob) {
  return { token, logprob: Math.max(logprob, LEAST), bytes }
}

/** The shape of completions: parallel lists. `offset` is where the text of the first token begins, in characters. */
export function completionLogprobs(logprobs: readonly ChosenLogprob[], offset: number) {
  let end = offset
  return {
    tokens: logprobs.map(({ token }) => token),
    token_logprobs: logprobs.map(({ logprob }) => Math.max(logprob, LEAST)),
    top_logprobs: logprobs.map(({ top }) =>
      Object.fromEntries(top.map(({ token, logprob }) => [token, Math.max(logprob, LEAST)])),
    ),
    text_offset: logprobs.map(({ token }) => {
      const begin = end
      end += lengthOf(token)
      return begin
    }),
  }
}

/** llama.cpp's own shape, which tells ids. */
export function llamaProbabilities(logprobs: readonly ChosenLogprob[]) {
  const withId = (one: TokenLogprob) => ({ id: one.id, ...describe(one) })
  return logprobs.map(chosen => ({ ...withId(chosen), top_logprobs: chosen.top.map(withId) }))
}

/** Characters, as OpenAI counts them: code points. */
export function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}
