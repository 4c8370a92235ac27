import { expect, it } from 'vitest'
import type { DoneEvent, EngineInfo } from '../engine/index.ts'
import { describeCompute, describeModel, describeRun } from './describe.ts'

const info: EngineInfo = {
  model: 'ember',
  backend: 'native/cpu',
  contextLength: 512,
  vocabSize: 1024,
  parameters: 3_211_264,
  weightType: 'int8',
  maxSequences: 64,
  kvBlockSize: 16,
  chat: true,
  samplingDefaults: {},
}

const done: DoneEvent = {
  type: 'done',
  choices: [{ finishReason: 'stop', completionTokens: 41 }],
  usage: { promptTokens: 20, cachedTokens: 16, completionTokens: 41 },
  timings: { queuedMs: 2, prefillMs: 10, decodeMs: 100 },
}

it('describes models, machines and runs in a line', () => {
  expect([
    describeModel(info),
    describeModel({ ...info, model: 'mock', parameters: 0 }),
    describeCompute(info),
    describeCompute({ ...info, backend: 'mock', weightType: 'none' }),
    describeRun(done),
    describeRun({
      ...done,
      choices: [{ finishReason: 'length', completionTokens: 1 }],
      usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
    }),
  ]).toMatchInlineSnapshot(`
    [
      "ember, 3.2 M parameters, context 512",
      "mock, context 512",
      "native/cpu, int8 weights",
      "mock",
      "41 tokens · 400 tok/s · first after 12 ms · prompt 20 tokens (16 cached)",
      "1 token · first after 12 ms · prompt 1 token · cut at the length limit",
    ]
  `)
})
