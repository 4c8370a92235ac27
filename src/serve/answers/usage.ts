import type { Progress } from './progress.ts'

type Counted = Pick<Progress, 'promptTokens' | 'cachedTokens' | 'completionTokens'>

/** OpenAI's shape, over all prompts of a request. */
export function usageOf(prompts: readonly Counted[]) {
  let [prompt, cached, completion] = [0, 0, 0]
  for (const { promptTokens, cachedTokens, completionTokens } of prompts) {
    prompt += promptTokens
    cached += cachedTokens
    completion += completionTokens
  }
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  }
}
