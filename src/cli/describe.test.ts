import { expect, it } from 'vitest'
import { type DoneEvent, type EngineInfo, UNKNOWN_CONTEXT } from '../engine/index.ts'
import { describeCompute, describeMemory, describeModel, describeRun } from './describe.ts'

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

it('says nothing of a context that is not known', () => {
  expect(describeModel({ ...info, parameters: 0, contextLength: UNKNOWN_CONTEXT })).toBe('ember')
})

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

it('says where a GPU’s memory went, and nothing of a CPU’s', () => {
  const memory = { weights: 13.5e9, 'kv-cache': 120e9, activations: 3e8, workspace: 0, headroom: 5e7 }
  expect(describeMemory({ ...info, memory })).toBeUndefined()
  expect(describeMemory({ ...info, backend: 'native/cuda/NVIDIA H200', memory })).toBe(
    'weights 12.6 GiB · kv-cache 112 GiB · activations 286 MiB · headroom 47.7 MiB',
  )
})
