import { createInterface, type Interface } from 'node:readline'
import { AbortedError, ContextLengthError, type DoneEvent, type Engine, UnsupportedError } from '../engine/index.ts'
import { runChatCommand } from './chat-commands.ts'
import type { Config } from './config.ts'
import { describeModel, describeRun } from './describe.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { History } from './history.ts'
import { harmless, styleFor } from './style.ts'
import { openChosen, samplingOf } from './target.ts'
import type { World } from './world.ts'
import { write } from './write.ts'

const PROMPT = '> '

/** Room that is kept for an answer of no set length: this share of the context. */
const ANSWER_SHARE = 1 / 4

/** `warpline chat`: a conversation, by hand in a terminal or one line a turn from a pipe. */
export async function runChat(config: Config, world: World): Promise<ExitCode> {
  await using engine = await openChosen(config, world)
  if (!engine.info.chat) {
    throw new UnsupportedError(`${engine.info.model} has no chat template: complete text with warpline generate`)
  }
  return await new Chat(engine, config, world).run()
}

class Chat {
  readonly #engine: Engine
  readonly #config: Config
  readonly #world: World
  readonly #history: History
  readonly #interactive: boolean
  readonly #dim: (text: string) => string
  /** The running answer's. */
  #abort: AbortController | undefined
  #interrupted: ExitCode | undefined

  constructor(engine: Engine, config: Config, world: World) {
    this.#engine = engine
    this.#config = config
    this.#world = world
    this.#history = new History(config.system)
    this.#interactive = Boolean(world.stdin.isTTY && world.stdout.isTTY)
    const style = styleFor(world.stderr, world.env)
    this.#dim = text => style('dim', text)
  }

  async run(): Promise<ExitCode> {
    const { stdin, stdout } = this.#world
    const lines = this.#interactive
      ? createInterface({ input: stdin, output: stdout as NodeJS.WriteStream, prompt: PROMPT, terminal: true })
      : createInterface({ input: stdin, terminal: false })
    if (this.#interactive) this.#say(`${describeModel(this.#engine.info)} · /help lists commands, Ctrl-D leaves`)
    const restore = this.#listen(lines)
    try {
      this.#prompt(lines)
      for await (const line of lines) {
        if ((await this.#turn(line)) === 'exit' || this.#interrupted !== undefined) break
        this.#prompt(lines)
      }
      return this.#interrupted ?? EXIT.ok
    } finally {
      restore()
      lines.close()
    }
  }

  /** In a terminal Ctrl-C is a key, which stops an answer; as a signal it stops all. */
  #listen(lines: Interface): () => void {
    let hinted = false
    lines.on('line', () => {
      hinted = false
    })
    lines.on('SIGINT', () => {
      if (this.#abort) return this.#abort.abort()
      const wasEmpty = lines.line === ''
      if (wasEmpty && hinted) return lines.close()
      // Ctrl-E, Ctrl-U: the typed line goes.
      lines.write(null, { ctrl: true, name: 'e' })
      lines.write(null, { ctrl: true, name: 'u' })
      this.#world.stdout.write('\n')
      if (wasEmpty) this.#say('Ctrl-C again or Ctrl-D leaves')
      hinted = wasEmpty
      lines.prompt()
    })
    // Ctrl-D leaves the prompt's line open.
    lines.on('close', () => {
      if (this.#interactive) this.#world.stdout.write('\n')
      if (this.#interactive) this.#abort?.abort()
    })
    return this.#world.onSignal(signal => {
      this.#interrupted = signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
      this.#abort?.abort()
      lines.close()
    })
  }

  async #turn(line: string): Promise<'exit' | undefined> {
    if (line.trim() === '') return undefined
    const result = await runChatCommand(line, this.#history, this.#world.cwd)
    if (result === 'exit') return 'exit'
    if (result) this.#say(result.say)
    else await this.#answer(line.replace(/^\/\//, '/'))
    return undefined
  }

  async #answer(question: string): Promise<void> {
    const abort = new AbortController()
    this.#abort = abort
    let answer = ''
    try {
      const dropped = await this.#history.makeRoom(this.#engine, question, this.#answerTokens())
      if (dropped > 0)
        this.#say(`the context is full: the oldest ${dropped === 1 ? 'turn' : `${dropped} turns`} left it`)
      let done: DoneEvent | undefined
      const request = { input: { messages: this.#history.messages(question) }, sampling: samplingOf(this.#config) }
      for await (const event of this.#engine.generate(request, { signal: abort.signal })) {
        if (event.type === 'done') done = event
        if (event.type !== 'tokens') continue
        answer += event.text
        await write(this.#world.stdout, harmless(event.text, this.#world.stdout))
      }
      await write(this.#world.stdout, '\n')
      this.#history.add(question, answer)
      this.#say(describeRun(done!))
    } catch (error) {
      if (error instanceof ContextLengthError && this.#interactive) return this.#say(error.message)
      if (!(error instanceof AbortedError)) throw error
      await write(this.#world.stdout, '\n')
      // What was said stays said.
      if (answer !== '') this.#history.add(question, answer)
      this.#say('stopped')
    } finally {
      this.#abort = undefined
    }
  }

  #answerTokens(): number {
    const share = Math.floor(this.#engine.info.contextLength * ANSWER_SHARE)
    return Math.max(1, Math.min(this.#config.maxTokens ?? share, share))
  }

  #prompt(lines: Interface): void {
    if (this.#interactive) lines.prompt()
  }

  #say(text: string): void {
    this.#world.stderr.write(`${this.#dim(text)}\n`)
  }
}
