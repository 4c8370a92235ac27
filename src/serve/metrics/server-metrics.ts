import { Histogram, logBounds } from '../../statistics/index.ts'
import { AnswerCounts } from './answer-counts.ts'
import { TenantTotals } from './tenant-totals.ts'

/** Seconds: 0.1 ms to 1000 s. vLLM's begin at 10 ms, which a small model on a large card never reaches. */
const SECONDS = logBounds(1e-4, 1e3, 5)
/** Powers of two. */
const TOKENS = Array.from({ length: 21 }, (_, i) => 2 ** i)
const FEW = [1, 2, 4, 8, 16]

/** How a sequence that the engine was given ended; `abort` covers clients that left and deadlines that passed. */
export type Ending = 'stop' | 'length' | 'abort' | 'error'

/** What the server counts while it answers. Recording allocates nothing; names are given where it is exposed. */
export class ServerMetrics {
  /** From arrival to the first token, queue included. */
  readonly firstToken = new Histogram(SECONDS)
  /** Between two tokens of one choice, as they came out of the engine. */
  readonly interToken = new Histogram(SECONDS)
  /** From the first token to the last, by tokens after the first. */
  readonly perOutputToken = new Histogram(SECONDS)
  readonly endToEnd = new Histogram(SECONDS)
  readonly queue = new Histogram(SECONDS)
  readonly prefill = new Histogram(SECONDS)
  readonly decode = new Histogram(SECONDS)
  /** Prefill and decode. */
  readonly inference = new Histogram(SECONDS)
  readonly promptTokens = new Histogram(TOKENS)
  readonly generationTokens = new Histogram(TOKENS)
  readonly maxTokens = new Histogram(TOKENS)
  readonly n = new Histogram(FEW)
  readonly endings: Record<Ending, number> = { stop: 0, length: 0, abort: 0, error: 0 }
  /** Of the prompts that `promptTokens` has recorded, what was found in the prefix cache. */
  cachedTokens = 0
  /** Tokens, prompt and output, of the longest sequence so far. */
  longestSequence = 0
  readonly answers = new AnswerCounts()
  readonly tenants = new TenantTotals()
}
