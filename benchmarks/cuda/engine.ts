/**
 * What the engine does in process at the works that `benchmarks/peers/hf.py speed` measures, one JSON line each:
 * answers at a batch of 1 and of 32 behind prompts of 128 tokens, and the first token of a prompt of 2048.
 *
 *   npx tsx benchmarks/cuda/engine.ts llama-2-7b mistral-7b
 */
import { type EngineWork, runEngineBench } from '../../src/bench/engine/index.ts'
import { isShapeName, modelShape } from '../../src/native/index.ts'

const WORKS: readonly EngineWork[] = [
  { kind: 'generate', batch: 1, depth: 128, tokens: 128 },
  { kind: 'generate', batch: 32, depth: 128, tokens: 64 },
  { kind: 'prompt', batch: 1, depth: 0, tokens: 2048 },
]
const REPEAT = 3

for (const name of process.argv.slice(2)) {
  if (!isShapeName(name)) throw new Error(`"${name}" is no known shape`)
  const report = await runEngineBench({
    name,
    path: name,
    options: { device: 'cuda', loadFormat: 'dummy' },
    config: modelShape(name),
    works: WORKS,
    repeat: REPEAT,
    ablate: false,
    ceilings: false,
    command: `npx tsx benchmarks/cuda/engine.ts ${name}`,
  })
  for (const { kind, batch, depth, tokens, figures, skipped } of report.rows) {
    if (figures === null) throw new Error(`${name}: ${skipped}`)
    const { tokensPerSecond, firstTokenMs, hostMicrosecondsPerStep } = figures
    const measured = kind === 'prompt' ? { firstTokenMs } : { decodeTokensPerSecond: tokensPerSecond.mean }
    const sequence = kind === 'prompt' ? { prompt: tokens } : { prompt: depth, new: tokens }
    console.log(
      JSON.stringify({ engine: 'warpline', model: name, batch, ...sequence, ...measured, hostMicrosecondsPerStep }),
    )
  }
}
