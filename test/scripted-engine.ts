import {
  type Engine,
  type EngineInfo,
  type EngineStats,
  type Event,
  type GenerateOptions,
  type GenerateRequest,
  StepMeter,
} from '../src/engine/index.ts'

/** Of an engine that has done nothing yet. */
const NOTHING_DONE: EngineStats = {
  running: 0,
  waiting: 0,
  paused: 0,
  kvBlocksTotal: 0,
  kvBlocksUsed: 0,
  requests: 0,
  steps: 0,
  promptTokens: 0,
  cachedTokens: 0,
  generatedTokens: 0,
  preemptions: 0,
}

/** An engine that says exactly what a test tells it to, when the test tells it to. */
export function scriptedEngine(
  script: (request: GenerateRequest, options: GenerateOptions) => AsyncIterable<Event>,
  info: Partial<EngineInfo> = {},
): Engine {
  return {
    info: {
      model: 'scripted',
      backend: 'scripted',
      contextLength: 100,
      vocabSize: 100,
      parameters: 0,
      weightType: 'none',
      maxSequences: 1,
      kvBlockSize: 0,
      chat: true,
      samplingDefaults: {},
      ...info,
    },
    generate: (request, options = {}) => script(request, options),
    render: async () => '',
    tokenize: async input => ('text' in input ? [...input.text].map(letter => letter.charCodeAt(0) % 100) : [1]),
    detokenize: async () => '',
    pieces: async ids => ids.map(id => Buffer.from(String.fromCharCode(id))),
    health: () => ({ status: 'ready' }),
    stats: () => NOTHING_DONE,
    histograms: () => new StepMeter().snapshot(),
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** A script of these events, then of this error. */
export function saying(...events: (Event | Error)[]): () => AsyncIterable<Event> {
  return async function* () {
    for (const event of events) {
      if (event instanceof Error) throw event
      yield event
    }
  }
}

export const start: Event = { type: 'start', promptTokens: 5, cachedTokens: 2 }

export function tokens(text: string, ids: number[], choice = 0): Event {
  return { type: 'tokens', choice, ids, text }
}

export function done(n = 1): Event {
  return {
    type: 'done',
    choices: Array.from({ length: n }, () => ({ finishReason: 'stop', completionTokens: 3 })),
    usage: { promptTokens: 5, cachedTokens: 2, completionTokens: 3 * n },
    timings: { queuedMs: 0, prefillMs: 1, decodeMs: 2 },
  }
}
