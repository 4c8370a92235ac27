import type { EngineInfo, GenerateRequest, ResolvedSampling, SamplingParams } from '../../engine/index.ts'
import type { Sent } from './attempt.ts'
import type { Handed } from './handed.ts'
import { Continuation, Replay } from './splice.ts'

/** Whether another engine would write the same answer: it is the likeliest one, or drawn by a seed. Of one choice. */
export function isRepeatable({ temperature, seed, n }: ResolvedSampling): boolean {
  return n === 1 && (temperature === 0 || seed !== undefined)
}

/** How an answer that broke off is gone on with. */
export type Way = 'continue' | 'replay'

/** Whether a prompt that ends with what the client has is answered with what it does not have; else all is asked for again. */
export function wayOn(handed: Handed, sampling: ResolvedSampling, engines: readonly EngineInfo[]): Way {
  const { temperature, presencePenalty, frequencyPenalty, stop } = sampling
  const isWhole =
    handed.isKnown &&
    // These count the output alone, and part of it would have become the prompt.
    presencePenalty === 0 &&
    frequencyPenalty === 0 &&
    // The last token may be there in part, up to a stop string that nobody would find again.
    stop.length === 0
  return isWhole && (temperature === 0 || engines.every(drawsByPlace)) ? 'continue' : 'replay'
}

/** Engines of ours draw by the place in the sequence, prompt included; what others do with a seed is theirs. */
function drawsByPlace({ backend }: EngineInfo): boolean {
  return /^(native|mock|remote\/warpline)/.test(backend)
}

/** `prompt`: the original's ids. */
export function continued(request: GenerateRequest, prompt: readonly number[], handed: Handed): Sent {
  const came = handed.ids.length
  const { maxTokens, minTokens } = request.sampling ?? {}
  const sampling: SamplingParams = {
    ...request.sampling,
    ...(maxTokens !== undefined && { maxTokens: maxTokens - came }),
    ...(minTokens !== undefined && { minTokens: Math.max(0, minTokens - came) }),
  }
  return {
    request: { ...request, input: { tokens: [...prompt, ...handed.ids] }, sampling },
    splice: new Continuation(handed),
  }
}

export function replayed(request: GenerateRequest, handed: Handed): Sent {
  return { request, splice: new Replay(handed) }
}

/** Whether the answer lacks nothing but the word that it is over, for its length. */
export function isFull(
  handed: Handed,
  { maxTokens, stop }: ResolvedSampling,
  promptTokens: number,
  info: EngineInfo | undefined,
): boolean {
  // Of a stop string, the last token may be the first part.
  if (!handed.isKnown || stop.length > 0) return false
  const came = handed.ids.length
  if (maxTokens !== undefined && came >= maxTokens) return true
  return promptTokens > 0 && info !== undefined && promptTokens + came >= info.contextLength
}
