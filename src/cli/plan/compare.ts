import { CARDS, LEAST_CAPABILITY, memoryPlan, roofline } from '../../native/index.ts'
import type { Config } from '../config.ts'
import { memoryRequest } from './plan.ts'
import { budgetOf, type PlanRequest } from './request.ts'

/** A model on one card of many. */
export interface CardRow {
  readonly card: string
  readonly memoryBytes: number
  /** Cards that it takes, of 1, 2, 4 and 8; undefined: more, or the heads cannot be split so. */
  readonly cards: number | undefined
  /** Sequences with a whole context each, on so many cards. */
  readonly largestBatch: number
  /** Decoding, a short context behind each sequence. */
  readonly tokensPerSecond: number
  readonly firstTokenSeconds: number
}

/** Of the predictions. */
export const COMPARED = { context: 256, prompt: 512 } as const

/** For machines without a GPU: every card that is known and that the engine runs on. */
export function compareCards(request: PlanRequest, options: Pick<Config, 'gpuMemory' | 'tp'>): readonly CardRow[] {
  const { config, storage, kvType, batch } = request
  const able = CARDS.filter(({ capability }) => Number(capability) >= Number(LEAST_CAPABILITY))
  return able.map(card => {
    const sizes = (options.tp ? [options.tp] : [1, 2, 4, 8]).filter(size => config.heads.heads % size === 0)
    const budget = budgetOf(options, card.memoryBytes)
    const plans = sizes.map(size => ({ size, plan: memoryPlan(memoryRequest(request, budget, size)) }))
    const chosen = plans.find(({ plan }) => plan.holdsAll)
    const worldSize = chosen?.size ?? 1
    const expected = roofline({
      ...{ config, storage, kvType, card, batch, worldSize },
      context: Math.min(COMPARED.context, request.contextLength),
      promptLength: Math.min(COMPARED.prompt, request.contextLength),
    })
    return {
      card: card.name,
      memoryBytes: card.memoryBytes,
      cards: chosen?.size,
      largestBatch: chosen?.plan.largestBatch ?? 0,
      tokensPerSecond: expected.decode.tokensPerSecond,
      firstTokenSeconds: expected.firstToken.seconds,
    }
  })
}
