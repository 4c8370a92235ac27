/**
 * Whether the card computes a whole model as Hugging Face transformers does: 4 layers at Llama-2-7B's width with the same
 * random weights, prompts of 1 to 2048 tokens, then 64 greedy tokens.
 *
 *   python3 benchmarks/peers/hf.py reference FOLDER
 *   npx tsx benchmarks/cuda/logits.ts FOLDER [OUT]
 *
 * Exits with 1 where logits are further from the float32 reference than rounding explains: 1e-4 with f32 activations,
 * what transformers' own bf16 is away and a tenth more with bf16 (‖ours − theirs‖ / ‖theirs‖ of the worst position), or
 * where greedy texts part at a token that is not among the other's five likeliest. int8 and fp8 weights are told for information: they are other weights.
 */
import { modelShape } from '../../src/native/model/shapes.ts'
import { compareLogits, readReference } from './logits/compare.ts'
import { saveResult } from './result.ts'

const LAYERS = 4

const [folder, out] = process.argv.slice(2)
if (folder === undefined) throw new Error('logits.ts FOLDER [OUT]: the folder that hf.py reference wrote')

const shape = modelShape('llama-2-7b')
const config = { ...shape, layers: shape.layers.slice(0, LAYERS) }
const rows = await compareLogits(config, readReference(folder, config.vocabSize))
if (out !== undefined) {
  const command = 'python3 benchmarks/peers/hf.py reference FOLDER && npx tsx benchmarks/cuda/logits.ts FOLDER OUT'
  const figures = rows.flatMap(({ activations, weights, prompt, error, most }) =>
    most === null
      ? []
      : [
          {
            what: `logits against transformers, ${activations} activations, ${weights} weights, prompt of ${prompt}`,
            figure: error,
            unit: 'relative',
            goal: `≤ ${most.toPrecision(2)}`,
          },
        ],
  )
  saveResult(out, 'logits', command, { rows, figures })
}
if (rows.some(({ passed }) => !passed)) process.exitCode = 1
