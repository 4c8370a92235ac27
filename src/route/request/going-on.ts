import {
  type DoneEvent,
  type EngineInfo,
  type GenerateRequest,
  type ResolvedSampling,
  type SamplingParams,
  UNKNOWN_CONTEXT,
} from '../../engine/index.ts'
import type { UpstreamSlot } from '../upstream-slot.ts'
import type { Sent } from './attempt.ts'
import type { Handed } from './handed.ts'
import { Continuation, Replay } from './splice.ts'

/** Whether another engine would write the same answer: it is the likeliest one, or drawn by a seed. Of one choice. */
export function isRepeatable({ temperature, seed, n }: ResolvedSampling): boolean {
  return n === 1 && (temperature === 0 || seed !== undefined)
}

/** Whether a prompt that ends with what the client has is answered with what it does not have. */
export function mayContinue(
  handed: Handed,
  { temperature, presencePenalty, frequencyPenalty, stop }: ResolvedSampling,
  engines: readonly EngineInfo[],
): boolean {
  if (!handed.isKnown) return false
  // The last token may be there in part, up to a stop string that nobody would find again.
  if (stop.length > 0) return false
  // These count the output alone, and part of it would have become the prompt.
  if (presencePenalty !== 0 || frequencyPenalty !== 0) return false
  return temperature === 0 || engines.every(drawsByPlace)
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

/** The end of an answer that lacks nothing but the word that it is over; undefined where more may follow. */
export function endOf(
  handed: Handed,
  { maxTokens, stop }: ResolvedSampling,
  promptTokens: number,
  { engine }: UpstreamSlot,
): Pick<DoneEvent, 'choices'> | undefined {
  const { contextLength } = engine?.info ?? { contextLength: UNKNOWN_CONTEXT }
  const came = handed.ids.length
  const isLong = maxTokens !== undefined && came >= maxTokens
  const isFull = promptTokens > 0 && promptTokens + came >= contextLength
  // Of a stop string, the last token may be the first part.
  if (!handed.isKnown || stop.length > 0 || !(isLong || isFull)) return undefined
  return { choices: [{ finishReason: 'length', completionTokens: came }] }
}
