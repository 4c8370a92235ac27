import { type Engine, type EngineInfo, UnsupportedError } from '../../engine/index.ts'
import { begin } from '../../prompts/index.ts'
import { Random } from '../../statistics/index.ts'
import type { LoadSpec } from '../load/load.ts'
import { readTrace, TRACE_BLOCK, type Trace } from '../load/trace.ts'
import { GREEDY } from './greedy.ts'
import { idWriter } from './id-writer.ts'
import { drawLength, longestOf } from './lengths.ts'
import { type Segment, STREAM } from './segment.ts'
import { wordListFor } from './word-list.ts'
import { wordWriter } from './word-writer.ts'
import type { Ask, Dialogue, Work, WorkSpec } from './work.ts'
import type { Writer } from './writer.ts'

export type SyntheticSpec = Extract<WorkSpec, { kind: 'synthetic' }>

/**
 * Prompts of random tokens: of given lengths, and alike only as far as they should be.
 *
 * @throws UnsupportedError, WorkFileError of a trace
 */
export async function openSynthetic(spec: SyntheticSpec, load: LoadSpec, seed: number, engine: Engine): Promise<Work> {
  const trace = load.kind === 'trace' ? readTrace(load.path) : undefined
  if (trace === undefined) checkLengths(spec, engine.info)
  // Lengths follow from the seed alone, so that runs that differ in their words do not differ in their lengths.
  const writer = await writerOf(spec, contentSeed(seed, spec.variant ?? 0), engine)
  const { distinct = Number.POSITIVE_INFINITY } = spec
  return { dialogue: index => new SyntheticDialogue(spec, trace, writer, seed, index % distinct) }
}

class SyntheticDialogue implements Dialogue {
  readonly #lengths: Random
  readonly #promptTokens: number
  #turn = 0
  #input: Ask['input'] | undefined

  constructor(
    private readonly spec: SyntheticSpec,
    private readonly trace: Trace | undefined,
    private readonly writer: Writer,
    seed: number,
    private readonly index: number,
  ) {
    this.#lengths = new Random(seed, STREAM.lengths(index))
    this.#promptTokens = trace?.inputLengths[this.#line] ?? drawLength(spec.prompt, this.#lengths)
  }

  next(answer: string | undefined): Ask | undefined {
    const turn = this.#turn++
    if (turn >= (this.spec.turns ?? 1)) return undefined
    const { writer } = this
    const segments = this.#segments(turn)
    this.#input =
      this.#input === undefined ? writer.write(segments) : writer.goOn?.(this.#input, answer ?? '', segments)
    if (this.#input === undefined) return undefined
    const ask = {
      input: this.#input,
      maxTokens: this.trace?.outputLengths[this.#line] ?? drawLength(this.spec.output, this.#lengths),
      ignoreEos: true,
      sampling: this.spec.sampling ?? GREEDY,
    }
    if (turn > 0 || !writer.exact) return ask
    return { ...ask, promptTokens: segments.reduce((sum, { tokens }) => sum + tokens, writer.fixed) }
  }

  /** Of the trace. */
  get #line(): number {
    return this.trace === undefined ? 0 : this.index % this.trace.atMs.length
  }

  #segments(turn: number): readonly Segment[] {
    const { spec, writer, index } = this
    let left = Math.max(0, this.#promptTokens - writer.fixed)
    const segments: Segment[] = []
    const add = (stream: number, tokens: number) => {
      if (tokens > 0) segments.push({ stream, tokens })
      left -= tokens
    }
    if (turn === 0) {
      for (const name of this.trace?.blocks[this.#line] ?? []) add(STREAM.block(name), Math.min(left, TRACE_BLOCK))
      const shared = Math.min(left, Math.max(0, (spec.sharedPrefix ?? 0) - writer.leading))
      add(STREAM.prefix(index % (spec.prefixes ?? 1)), shared)
    }
    add(STREAM.own(index, turn), left)
    return segments
  }
}

async function writerOf({ as, turns = 1 }: SyntheticSpec, seed: number, engine: Engine): Promise<Writer> {
  if (as !== 'tokens') return wordWriter(seed, as, await wordListFor(engine, text => begin(text, as)))
  if (turns > 1)
    throw new UnsupportedError('answers are text, which ids cannot follow: send several turns as text or chat')
  return idWriter(seed, engine.info)
}

function contentSeed(seed: number, variant: number): number {
  return Math.floor(new Random(seed, variant).next() * 2 ** 53)
}

/** What never fits is said once, not by every request. */
function checkLengths({ prompt, output }: SyntheticSpec, { model, contextLength }: EngineInfo): void {
  const longest = (longestOf(prompt) ?? 0) + (longestOf(output) ?? 0)
  if (longest > contextLength)
    throw new UnsupportedError(
      `prompts and answers of up to ${longest} tokens together do not fit the ${contextLength} of ${model}'s context`,
    )
}
