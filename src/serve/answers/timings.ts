import type { Progress } from './progress.ts'

/** What {@link timingsOf} needs to know. */
type Timed = Pick<Progress, 'promptTokens' | 'cachedTokens' | 'completionTokens' | 'prefillMs' | 'decodeMs'>

/**
 * llama.cpp's `timings`, over all prompts of a request, which run side by side: tokens add up, the longest time counts.
 *
 * @param tokens those of one answer, where that alone is told of. Default: all
 */
export function timingsOf(prompts: readonly Timed[], tokens?: number) {
  let [cached, processed, predicted, promptMs, predictedMs] = [0, 0, 0, 0, 0]
  for (const { promptTokens, cachedTokens, completionTokens, prefillMs, decodeMs } of prompts) {
    cached += cachedTokens
    processed += promptTokens - cachedTokens
    predicted += completionTokens
    promptMs = Math.max(promptMs, prefillMs)
    predictedMs = Math.max(predictedMs, decodeMs)
  }
  predicted = tokens ?? predicted
  return {
    cache_n: cached,
    prompt_n: processed,
    prompt_ms: promptMs,
    prompt_per_token_ms: ratio(promptMs, processed),
    prompt_per_second: ratio(processed * 1000, promptMs),
    predicted_n: predicted,
    predicted_ms: predictedMs,
    predicted_per_token_ms: ratio(predictedMs, predicted),
    predicted_per_second: ratio(predicted * 1000, predictedMs),
  }
}

/** 0 where there is nothing to divide by: JSON has no infinity. */
function ratio(dividend: number, divisor: number): number {
  return divisor > 0 ? dividend / divisor : 0
}
