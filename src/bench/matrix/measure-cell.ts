import { machineMs } from '../../clock/index.ts'
import type { InProcessEngine } from '../../native/index.ts'
import { figuresOf, type Most } from '../engine/figures.ts'
import { beginDecoding, SLACK } from '../engine/index.ts'
import { measure, type Sample } from '../engine/measure.ts'
import type { Cell } from './cell.ts'
import type { CellFigures } from './cell-result.ts'

/** How a cell is measured. */
export interface CellSteps {
  readonly steps: number
  readonly warmUp: number
  readonly repeats: number
}

/** What the engine itself tells of a cell; and when it decoded, on the machine's clock, for who watches the card. */
export interface MeasuredCell {
  readonly figures: Omit<CellFigures, 'memoryBytes' | 'watts' | 'joulesPerToken'>
  readonly decoding: { readonly fromMs: number; readonly toMs: number; readonly tokens: number }
}

/** A card counts its energy about ten times a second: steps go on, untimed, until so much has passed… */
const WATCHED_MS = 500
/** …or so many of them have. */
const WATCHED_STEPS = 100

/** Positions that each sequence of the cell has in the end. */
export function contextOf({ promptLength }: Pick<Cell, 'promptLength'>, { steps, warmUp }: CellSteps, onCard: boolean) {
  return promptLength + warmUp + steps + (onCard ? WATCHED_STEPS : 0) + 1 + SLACK
}

/**
 * Prompts first, once unmeasured, so that what their shape needs is there; then decode steps with the whole batch in each.
 */
export async function measureCell(
  engine: InProcessEngine,
  { batch, promptLength }: Pick<Cell, 'batch' | 'promptLength'>,
  { steps, warmUp, repeats }: CellSteps,
  most: Most | undefined,
): Promise<MeasuredCell> {
  const prompts = { kind: 'prompt', batch, depth: 0, tokens: promptLength } as const
  const answers = { kind: 'generate', batch, depth: promptLength + warmUp, tokens: steps } as const
  await measure(engine, prompts)
  const first: Sample[] = []
  const timed: Sample[] = []
  let decoding = { fromMs: 0, toMs: 0, tokens: 0 }
  for (let i = 0; i < repeats; i++) {
    first.push(await measure(engine, prompts))
    const decoded = await decode(engine, batch, promptLength, warmUp, steps)
    timed.push(decoded.sample)
    decoding = decoded.decoding
  }
  const prompt = figuresOf(engine, prompts, first, most)
  const decodeFigures = figuresOf(engine, answers, timed, most)
  return {
    figures: {
      firstTokenMs: prompt.firstTokenMs!,
      msPerStep: decodeFigures.msPerStep,
      decodeTokensPerSecond: decodeFigures.tokensPerSecond.mean,
      gigabytesPerSecond: decodeFigures.gigabytesPerSecond,
      ofCeiling: decodeFigures.ofCeiling,
      bound: decodeFigures.bound,
      hostMicrosecondsPerStep: engine.cuda ? decodeFigures.hostMicrosecondsPerStep : null,
    },
    decoding,
  }
}

async function decode(engine: InProcessEngine, batch: number, depth: number, warmUp: number, steps: number) {
  const watched = engine.cuda ? WATCHED_STEPS : 0
  const requests = await beginDecoding(engine, { batch, depth, tokens: warmUp + steps + watched })
  for (let i = 0; i < warmUp; i++) await requests.step()
  const begin = machineMs()
  const sample = { steps: 0, tokens: 0, hostMs: 0 }
  while (sample.steps < steps && requests.running > 0) {
    const { tokens, hostMs } = await requests.step()
    sample.steps++
    sample.tokens += tokens
    sample.hostMs += hostMs
  }
  const end = machineMs()
  let tokens = sample.tokens
  for (let i = 0; i < watched && machineMs() - begin < WATCHED_MS; i++) tokens += (await requests.step()).tokens
  const toMs = machineMs()
  await requests.end()
  return { sample: { ...sample, seconds: (end - begin) / 1000 }, decoding: { fromMs: begin, toMs, tokens } }
}
