import { type EngineError, type GenerateRequest, type Input, UnreachableError } from '../engine/index.ts'
import type { Tier } from './models.ts'
import { createPolicy } from './policy/create-policy.ts'
import type { Ask, Policy, PolicyName } from './policy/policy.ts'
import { blocksOf, blocksOfText } from './prompt-blocks.ts'
import type { PromptTokenizer } from './router.ts'
import type { UpstreamSlot } from './upstream-slot.ts'
import type { Upstreams } from './upstreams.ts'

/** Where a request is to go, and why. */
export interface Decision {
  readonly slot: UpstreamSlot
  /** What it answers as. */
  readonly model: string
  /** A word. */
  readonly reason: string
}

/** Who is to be sent somewhere; the same object whenever it is asked for again. */
export interface Choosing {
  readonly request: GenerateRequest
  readonly promptTokens: number
}

/** Of a prompt, to find who has seen it: beyond that, its beginning says enough. */
const MOST_TOKENS = 2 ** 18

/** Says where a request goes: the model's name and the request's hints leave some engines, the policy takes one. */
export class Chooser {
  readonly #policy: Policy
  readonly #asks = new WeakMap<Choosing, Ask>()

  constructor(
    private readonly upstreams: Upstreams,
    policy: PolicyName,
    private readonly tokenizer: PromptTokenizer | undefined,
    private readonly random: () => number,
  ) {
    this.#policy = createPolicy(policy)
  }

  /**
   * None of `tried`. `model`: none that answers as another. `full`: one that would do has no room now.
   *
   * @throws ModelNotFoundError
   */
  decide(running: Choosing, tried: readonly UpstreamSlot[], model: string | undefined): Decision | 'full' | undefined {
    const { upstream: pinned, model: asked } = running.request.routing ?? {}
    const tierOf = (fits: (slot: UpstreamSlot) => boolean): Tier | undefined => {
      const may = (name: string) => {
        const slot = this.upstreams.get(name)
        return slot !== undefined && fits(slot) && !tried.includes(slot) && (pinned === undefined || name === pinned)
      }
      const { tiers } = this.upstreams.models.resolve(model ?? asked, may, this.random)
      return tiers.find(tier => model === undefined || tier.model === model)
    }
    // Where all have failed too often, one that might fail is better than none: Envoy calls it panic.
    const tier = tierOf(slot => slot.takes) ?? tierOf(slot => slot.isReady && !slot.isFull)
    if (tier === undefined) return tierOf(slot => slot.isReady) && 'full'
    const candidates = tier.upstreams.map(name => this.upstreams.get(name)!)
    const ask = this.#askOf(running)
    const { candidate, reason } =
      pinned === undefined
        ? this.#policy.choose(candidates, ask, this.random)
        : { candidate: candidates[0]!, reason: 'pinned' }
    this.#policy.sent?.(candidate.name, ask)
    return { slot: candidate as UpstreamSlot, model: tier.model, reason }
  }

  /** Why {@link decide} finds none to begin with. */
  whyNone({ routing = {} }: GenerateRequest): EngineError {
    const { upstream, model } = routing
    const slots = upstream === undefined ? this.upstreams.serving(model) : [this.upstreams.get(upstream)!]
    return new UnreachableError(`no engine is ready: ${this.upstreams.describe(slots)}`)
  }

  /** The upstream's engine is gone, or came back empty. */
  forget(name: string): void {
    this.#policy.forget?.(name)
  }

  #askOf(running: Choosing): Ask {
    const known = this.#asks.get(running)
    if (known !== undefined) return known
    const { request, promptTokens } = running
    const { input, cacheSalt = '', routing } = request
    // One policy alone reads blocks, and hashing long prompts costs.
    const blocks = this.#policy.name === 'prefix' ? this.#blocksOf(input, cacheSalt) : []
    const ask: Ask = { blocks, session: routing?.session, promptTokens }
    this.#asks.set(running, ask)
    return ask
  }

  #blocksOf(input: Input, salt: string): readonly number[] {
    if ('tokens' in input || this.tokenizer === undefined) return blocksOfText(input, salt)
    try {
      return blocksOf(this.tokenizer.encode(input, { limit: MOST_TOKENS }), salt)
    } catch {
      // What is wrong with it, an engine will say.
      return blocksOfText(input, salt)
    }
  }
}
