import type { Usage } from '../../engine/index.ts'

/** OpenAI's shape, over all prompts of a request. */
export function usageOf(usages: readonly Usage[]) {
  const sum = (count: (usage: Usage) => number) => usages.reduce((total, usage) => total + count(usage), 0)
  const promptTokens = sum(usage => usage.promptTokens)
  const completionTokens = sum(usage => usage.completionTokens)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: sum(usage => usage.cachedTokens) },
  }
}
