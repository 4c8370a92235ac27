/**
 * Many prompts at once: the engine computes them together, and the answers come back in the prompts' order.
 *
 *   npx tsx examples/batch.ts [TARGET]
 */
import { collect, openTarget } from 'warpline'

const questions = ['What is Warpline?', 'Who are you?', 'What is a prefix cache?', 'What is TTFT?']

await using engine = await openTarget(process.argv[2])
const start = performance.now()

const answers = await Promise.all(
  questions.map(content =>
    collect(
      engine.generate({
        input: { messages: [{ role: 'user', content }] },
        sampling: { temperature: 0, maxTokens: 64 },
      }),
    ),
  ),
)

for (const [i, { choices }] of answers.entries()) console.log(`${questions[i]}\n  ${choices[0]?.text.trim()}\n`)

const seconds = (performance.now() - start) / 1000
const tokens = answers.reduce((sum, { done }) => sum + done.usage.completionTokens, 0)
console.log(`${tokens} tokens in ${seconds.toFixed(2)} s: ${(tokens / seconds).toFixed(0)} tok/s`)
