import { Generator } from './generator.ts'
import { MUTATIONS, type MutationName } from './mutations.ts'
import type { Operation } from './operations.ts'
import { Random } from './random.ts'

export interface MadeRequest {
  readonly method: string
  readonly path: string
  readonly mutation: string
  /** Undefined: none is sent. */
  readonly body?: string
}

const NAMES = Object.keys(MUTATIONS) as MutationName[]
const PATH_TEXTS = [
  'a',
  'mock',
  '1',
  '%00',
  '%2e%2e',
  '..%2f..',
  '%F0%9F%99%82',
  '%ff',
  'a/b',
  `${'a'.repeat(2000)}`,
  '%0d%0aX: y',
]

/** Long outputs would leave no time for anything else. */
const SHORT = 6

/** Makes requests of a server's operations, the same for the same seed and index. */
export class RequestMaker {
  constructor(
    private readonly operations: readonly Operation[],
    private readonly seed: number,
  ) {}

  make(index: number): MadeRequest {
    const random = new Random(this.seed, index)
    const withBody = this.operations.filter(({ body }) => body !== undefined)
    const { method, path, body, document } = random.pick(
      random.chance(0.9) && withBody.length > 0 ? withBody : this.operations,
    )
    const target = path.replaceAll(/\{[^}]*\}/g, () => random.pick(PATH_TEXTS))
    if (body === undefined) return { method, path: target, mutation: 'path' }
    const manner = random.pick(['typical', 'typical', 'boundary'] as const)
    const value = shortened(new Generator(random, document).value(body, manner), random)
    const mutation = random.chance(0.3) ? 'none' : random.pick(NAMES)
    return { method, path: target, mutation: `${manner} ${mutation}`, body: MUTATIONS[mutation](value, random) }
  }
}

function shortened(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || random.chance(0.05)) return value
  const { max_completion_tokens: _, ...rest } = value as Record<string, unknown>
  const limit = random.int(0, SHORT)
  return { ...rest, max_tokens: limit, ...('n_predict' in rest && { n_predict: limit }) }
}
