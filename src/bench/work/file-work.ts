import { type Engine, UnsupportedError } from '../../engine/index.ts'
import { begin, goOn, type Prompt, type PromptFile, readPrompts, type Turn } from '../../prompts/index.ts'
import { Random } from '../../statistics/index.ts'
import { GREEDY } from './greedy.ts'
import { drawLength } from './lengths.ts'
import { recordedLengths } from './recorded-lengths.ts'
import { STREAM } from './segment.ts'
import type { Ask, Dialogue, LengthSpec, Work, WorkSpec } from './work.ts'

export type FileSpec = Extract<WorkSpec, { kind: 'file' }>

const DEFAULT_OUTPUT: LengthSpec = { kind: 'fixed', tokens: 128 }

/**
 * Prompts of a file, in their order.
 *
 * @throws WorkFileError, UnsupportedError (chats, of an engine that knows none)
 */
export async function openFile(spec: FileSpec, seed: number, engine: Engine): Promise<Work> {
  const file = readPrompts(spec.path)
  if ((file.chats || spec.as === 'chat') && !engine.info.chat)
    throw new UnsupportedError(`${engine.info.model} has no chat template, and ${spec.path} is to be sent as chats`)
  const recorded = await recordedLengths(answersOf(file), engine)
  const outputOf = (prompt: Prompt, turn: Turn, random: Random) =>
    prompt.maxTokens ??
    (turn.recorded === undefined ? undefined : recorded?.(turn.recorded)) ??
    drawLength(spec.output ?? DEFAULT_OUTPUT, random)
  return {
    dialogue: index => {
      const prompt = file.prompt(index % file.length)
      const random = new Random(seed, STREAM.lengths(index))
      return new FileDialogue(prompt, spec, turn => outputOf(prompt, turn, random))
    },
  }
}

class FileDialogue implements Dialogue {
  #turn = 0
  #input: Ask['input'] | undefined

  constructor(
    private readonly prompt: Prompt,
    private readonly spec: FileSpec,
    private readonly outputOf: (turn: Turn) => number,
  ) {}

  next(answer: string | undefined): Ask | undefined {
    const turn = this.prompt.turns[this.#turn++]
    if (turn === undefined) return undefined
    this.#input =
      this.#input === undefined ? begin(turn.say, this.spec.as ?? 'text') : goOn(this.#input, answer ?? '', turn.say)
    return {
      input: this.#input,
      maxTokens: this.outputOf(turn),
      ignoreEos: this.prompt.ignoreEos ?? this.spec.sampling?.ignoreEos ?? false,
      sampling: this.spec.sampling ?? GREEDY,
    }
  }
}

function* answersOf(file: PromptFile): Generator<string> {
  for (let i = 0; i < file.length; i++)
    for (const { recorded } of file.prompt(i).turns) if (recorded !== undefined) yield recorded
}
