import type { ChatMessage, Engine } from '../engine/index.ts'

/** A chat so far: an optional system message and turns, each a question with its answer. */
export class History {
  system: string | undefined
  #turns: (readonly ChatMessage[])[] = []

  constructor(system: string | undefined) {
    this.system = system
  }

  messages(question?: string): ChatMessage[] {
    return [
      ...(this.system === undefined ? [] : [{ role: 'system', content: this.system } as const]),
      ...this.#turns.flat(),
      ...(question === undefined ? [] : [{ role: 'user', content: question } as const]),
    ]
  }

  add(question: string, answer: string): void {
    this.#turns.push([
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ])
  }

  clear(): void {
    this.#turns = []
  }

  /**
   * Drops the oldest turns until `question` leaves room for `answerTokens` in the engine's context.
   *
   * @returns How many turns were dropped.
   */
  async makeRoom(engine: Engine, question: string, answerTokens: number): Promise<number> {
    const room = engine.info.contextLength - answerTokens
    const before = this.#turns.length
    while (this.#turns.length > 0) {
      const prompt = await engine.tokenize({ messages: this.messages(question) })
      if (prompt.length <= room) break
      this.#turns.shift()
    }
    return before - this.#turns.length
  }
}
