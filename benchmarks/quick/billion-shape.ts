import { SAMPLING_DEFAULTS } from '../../src/engine/index.ts'
import { createCpuDevice } from '../../src/native/device/cpu/index.ts'
import { KvCache } from '../../src/native/kv/kv-cache.ts'
import { EngineLoop } from '../../src/native/loop.ts'
import { randomModel } from '../../src/native/model/load-model.ts'
import { parseModelConfig } from '../../src/native/model/read-config.ts'
import { ModelRunner } from '../../src/native/runner.ts'
import { Scheduler } from '../../src/native/scheduler.ts'

/** TinyLlama-1.1B's shape. */
const CONFIG = {
  model_type: 'llama',
  vocab_size: 32_000,
  hidden_size: 2048,
  intermediate_size: 5632,
  num_hidden_layers: 22,
  num_attention_heads: 32,
  num_key_value_heads: 4,
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
}

const PROMPT = Array.from({ length: 16 }, (_, i) => 100 + i)
const TOKENS = 24

/** Output tokens a second of one stream, in process, with random int8 weights. */
export async function billionShape(threads: number): Promise<number> {
  await using device = await createCpuDevice({ threads })
  const options = { storage: 'int8', blocks: 16, maxTokens: 64, maxLogitRows: 1 } as const
  const model = randomModel(parseModelConfig(CONFIG, 'billion-shape.ts'), device, options, 1)
  const loop = new EngineLoop({
    scheduler: new Scheduler(new KvCache(options.blocks), { tokenBudget: options.maxTokens, maxSequences: 1 }),
    runner: new ModelRunner(model),
    vocabulary: {
      table: { bytes: new Uint8Array(), offsets: new Uint32Array(1), special: new Uint8Array() },
      endIds: new Set(),
    },
    now: () => performance.now(),
  })
  const sampling = { ...SAMPLING_DEFAULTS, temperature: 0, seed: 1, maxTokens: TOKENS }
  loop.submit({ id: 1, prompt: PROMPT, priority: 0, cacheSalt: '', sampling })
  let rate = 0
  while (!loop.idle) {
    for (const outcome of (await loop.step()).outcomes) {
      if ('event' in outcome && outcome.event.type === 'done') {
        rate = ((TOKENS - 1) * 1000) / outcome.event.timings.decodeMs
      }
    }
  }
  return rate
}
