import { expect, test } from 'vitest'
import { FormatError, parseJson } from '../../formats/index.ts'
import { TemporaryDirectory } from '../../formats/safetensors/testing.ts'
import { readGenerationConfig } from './generation-config.ts'
import { parseModelConfig } from './read-config.ts'

const config = parseModelConfig(
  parseJson(
    `{"model_type": "llama", "vocab_size": 100, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
      "num_attention_heads": 1, "max_position_embeddings": 8, "eos_token_id": 2}`,
    'c',
  ),
  'c',
)

test.each<[text: string | undefined, sampling: unknown, eosTokenIds: readonly number[]]>([
  [undefined, {}, [2]],
  ['{}', {}, [2]],
  ['{"eos_token_id": 5}', {}, [5]],
  ['{"eos_token_id": [5, 6], "pad_token_id": 0}', {}, [5, 6]],
  ['{"do_sample": false, "temperature": 0.7, "top_p": 0.9}', { temperature: 0, topP: 0.9 }, [2]],
  [
    '{"do_sample": true, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "min_p": 0.1, "repetition_penalty": 1.05}',
    { temperature: 0.7, topK: 20, topP: 0.8, minP: 0.1, repetitionPenalty: 1.05 },
    [2],
  ],
  ['{"top_k": -1}', { topK: 0 }, [2]],
  ['{"temperature": null, "top_k": null}', {}, [2]],
])('%s', (text, sampling, eosTokenIds) => {
  using directory = new TemporaryDirectory(text === undefined ? {} : { 'generation_config.json': text })
  expect(readGenerationConfig(directory.path, config)).toEqual({ sampling, eosTokenIds })
})

test.each([
  ['[]', 'the file is not an object'],
  ['{"eos_token_id": 100}', '"eos_token_id" is 100, outside 0 … 99'],
  ['{"eos_token_id": -1}', '"eos_token_id" is -1, outside 0 … 99'],
  ['{"temperature": "hot"}', '"temperature" is the string "hot", not a number'],
  ['{"temperature": -1}', '"temperature" is -1, outside 0 … 10'],
  ['{"top_k": 1.5}', '"top_k" is 1.5, not a whole number'],
  ['{"top_p": 2}', '"top_p" is 2, outside 5e-324 … 1'],
  ['{"do_sample": 1}', '"do_sample" is 1, not true or false'],
])('refuses %s', (text, reason) => {
  using directory = new TemporaryDirectory({ 'generation_config.json': text })
  const path = `${directory.path}/generation_config.json`
  expect(() => readGenerationConfig(directory.path, config)).toThrow(new FormatError(path, reason))
})
