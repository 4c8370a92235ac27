import { type MemoryRequest, memoryPlan } from './memory-plan.ts'

/** What of a request may be lowered. */
export type OpenBound = 'contextLength' | 'maxTokens' | 'maxSequences'

/** Nobody wants less. */
const LEAST_CONTEXT = 256
const LEAST_TOKENS = 64

/**
 * The request with its open bounds lowered as little as makes it fit; undefined where nothing does.
 *
 * Lowered are, a notch at a time, the context by half, and a step by half of its tokens and three quarters of its
 * sequences, each of which has room for a row of logits. Of all that fit the one that is the fewest notches down, with
 * the longest context.
 */
export function fitBounds(request: MemoryRequest, open: ReadonlySet<OpenBound>): MemoryRequest | undefined {
  const contexts = open.has('contextLength') ? contextNotches(request.contextLength) : [request.contextLength]
  const steps = stepNotches(request, open)
  for (let notches = 0; notches <= contexts.length + steps.length - 2; notches++) {
    for (let i = 0; i <= notches; i++) {
      const [contextLength, step] = [contexts[i], steps[notches - i]]
      if (contextLength === undefined || step === undefined) continue
      const lowered = { ...request, ...step, contextLength }
      if (memoryPlan(lowered).fits) return lowered
    }
  }
  return undefined
}

function contextNotches(from: number): readonly number[] {
  const notches = [from]
  for (let context = from / 2; context >= LEAST_CONTEXT; context /= 2) notches.push(Math.floor(context))
  return notches
}

function stepNotches(
  { maxTokens, maxSequences }: MemoryRequest,
  open: ReadonlySet<OpenBound>,
): readonly Pick<MemoryRequest, 'maxTokens' | 'maxSequences'>[] {
  const notches = [{ maxTokens, maxSequences }]
  for (;;) {
    const last = notches.at(-1)!
    const next = {
      maxTokens: open.has('maxTokens') ? lower(last.maxTokens, 2, LEAST_TOKENS) : maxTokens,
      maxSequences: open.has('maxSequences') ? lower(last.maxSequences, 4, 1) : maxSequences,
    }
    if (next.maxTokens === last.maxTokens && next.maxSequences === last.maxSequences) return notches
    notches.push(next)
  }
}

function lower(value: number, by: number, least: number): number {
  return Math.max(Math.min(value, least), Math.floor(value / by))
}
