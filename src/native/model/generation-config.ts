import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SamplingParams } from '../../engine/index.ts'
import { JsonFields, readJson } from '../../formats/index.ts'
import type { ModelConfig } from './config.ts'

/** What the model's authors say about drawing tokens from it. */
export interface GenerationConfig {
  /** Only what they say; the contract's defaults fill the rest. */
  readonly sampling: SamplingParams
  /** Any of these ends the text. */
  readonly eosTokenIds: readonly number[]
}

const FILE = 'generation_config.json'

/**
 * Reads `generation_config.json`; a model without one ends where `config.json` says. `do_sample: false` means
 * temperature 0.
 *
 * @throws FormatError when the file is damaged or its values are out of range.
 */
export function readGenerationConfig(directory: string, config: ModelConfig): GenerationConfig {
  const path = join(directory, FILE)
  if (!existsSync(path)) return defaultGenerationConfig(config)
  const fields = JsonFields.of(path, readJson(path))
  const named = fields.integers('eos_token_id', { min: 0, max: config.vocabSize - 1 })
  return { sampling: readSampling(fields), eosTokenIds: named.length > 0 ? named : config.eosTokenIds }
}

export function defaultGenerationConfig(config: ModelConfig): GenerationConfig {
  return { sampling: {}, eosTokenIds: config.eosTokenIds }
}

function readSampling(fields: JsonFields): SamplingParams {
  const greedy = !fields.boolean('do_sample', true)
  const number = (name: string, min: number, max: number): number | undefined =>
    fields.has(name) ? fields.number(name, { min, max }) : undefined
  const params = {
    temperature: greedy ? 0 : number('temperature', 0, 10),
    // Some write −1 for what the contract writes as 0: all of them.
    topK: fields.has('top_k') ? Math.max(fields.integer('top_k', { min: -1, max: 2 ** 31 }), 0) : undefined,
    topP: number('top_p', Number.MIN_VALUE, 1),
    minP: number('min_p', 0, 1),
    repetitionPenalty: number('repetition_penalty', Number.MIN_VALUE, 10),
  }
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
}
