import type { ResolvedSampling } from '../../engine/index.ts'

/** How a request was sampled, by llama.cpp's names; what it has and is not here is left out. */
export function generationSettings(sampling: ResolvedSampling) {
  const maxTokens = sampling.maxTokens ?? -1
  return {
    seed: sampling.seed ?? -1,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
    // The whole of prompt and output.
    repeat_last_n: -1,
    repeat_penalty: sampling.repetitionPenalty,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop: sampling.stop,
    stop_token_ids: sampling.stopTokenIds,
    max_tokens: maxTokens,
    n_predict: maxTokens,
    min_tokens: sampling.minTokens,
    n_cmpl: sampling.n,
    ignore_eos: sampling.ignoreEos,
    logit_bias: Object.entries(sampling.logitBias).map(([token, bias]) => ({ bias, token: Number(token) })),
    n_probs: sampling.topLogprobs,
  }
}
