import type { WeightStorage } from '../device/device.ts'
import { fitBounds } from './fit-bounds.ts'
import { type MemoryPlan, type MemoryRequest, memoryPlan } from './memory-plan.ts'
import { type KvStorage, weightBytes } from './model-bytes.ts'

/** One thing that could be changed, and what would come of it. */
export interface Advice {
  /** e.g. `weights in fp8`. */
  readonly change: string
  /** How to ask for it, e.g. `--quantize fp8`. */
  readonly option: string
  readonly plan: MemoryPlan
}

type Change = Pick<Advice, 'change' | 'option'> & { readonly request: Partial<MemoryRequest> }

const ONE_BYTE: readonly (WeightStorage | KvStorage)[] = ['fp8', 'int8']

/** What to change when not every sequence can have its context: those changes that suffice first; none where all fits. */
export function advise(request: MemoryRequest): readonly Advice[] {
  const plan = memoryPlan(request)
  if (plan.holdsAll) return []
  const advice = changes(request, plan).map(({ change, option, request: changed }) => ({
    change,
    option,
    plan: memoryPlan({ ...request, ...changed }),
  }))
  const rank = ({ plan }: Advice): number => (plan.holdsAll ? 0 : plan.fits ? 1 : 2)
  return advice.sort((a, b) => rank(a) - rank(b))
}

function changes(request: MemoryRequest, plan: MemoryPlan): readonly Change[] {
  const { storage, kvType } = request
  const canShrinkWeights = !ONE_BYTE.includes(storage)
  const canShrinkKv = !ONE_BYTE.includes(kvType)
  const fp8Weights: Partial<MemoryRequest> = { storage: 'fp8' }
  const fp8Kv: Partial<MemoryRequest> = { kvType: 'fp8' }
  const found: Change[] = []
  if (canShrinkKv) found.push({ change: 'keys and values in fp8', option: '--kv-type fp8', request: fp8Kv })
  if (canShrinkWeights) found.push({ change: 'weights in fp8', option: '--quantize fp8', request: fp8Weights })
  if (canShrinkKv && canShrinkWeights) {
    const request = { ...fp8Weights, ...fp8Kv }
    found.push({ change: 'both in fp8', option: '--quantize fp8 --kv-type fp8', request })
  }
  if (plan.largestBatch > 0) {
    const maxSequences = plan.largestBatch
    found.push({
      change: `${maxSequences} sequences at once`,
      option: `--batch ${maxSequences}`,
      request: { maxSequences },
    })
  }
  if (plan.largestContext > 0) {
    const contextLength = plan.largestContext
    const change = `a context of ${contextLength} tokens`
    found.push({ change, option: `--context ${contextLength}`, request: { contextLength } })
  }
  if (plan.largestBatch === 0 && plan.largestContext === 0) {
    const lowered =
      fitBounds(request, new Set(['contextLength', 'maxTokens'])) ??
      fitBounds(request, new Set(['contextLength', 'maxTokens', 'maxSequences']))
    if (lowered !== undefined) found.push(smaller(request, lowered))
  }
  const worldSize = enoughCards(request)
  if (worldSize !== undefined)
    found.push({ change: `${worldSize} cards`, option: `--tp ${worldSize}`, request: { worldSize } })
  return found
}

/** A context and a step that fit, where none of the bounds alone can be lowered far enough. */
function smaller(request: MemoryRequest, { contextLength, maxTokens, maxSequences }: MemoryRequest): Change {
  const parts = [
    contextLength < request.contextLength && [`a context of ${contextLength} tokens`, `--context ${contextLength}`],
    maxTokens < request.maxTokens && [`${maxTokens} tokens a step`, `--token-budget ${maxTokens}`],
    maxSequences < request.maxSequences && [`${maxSequences} sequences at once`, `--batch ${maxSequences}`],
  ].filter(part => part !== false)
  return {
    change: parts.map(([change]) => change).join(', '),
    option: parts.map(([, option]) => option).join(' '),
    request: { contextLength, maxTokens, maxSequences },
  }
}

/** The fewest cards more that hold everything, or else at least the weights; at most 8. */
function enoughCards(request: MemoryRequest): number | undefined {
  const { config, worldSize = 1, storage, budgetBytes } = request
  const sizes = [2, 4, 8].filter(size => size > worldSize && config.heads.heads % size === 0)
  const all = sizes.find(size => memoryPlan({ ...request, worldSize: size }).holdsAll)
  return all ?? sizes.findLast(size => weightBytes(config, storage, size) < budgetBytes)
}
