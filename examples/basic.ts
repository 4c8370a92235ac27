/**
 * One question, one streamed answer, in this process:
 *
 *   npx tsx examples/basic.ts [TARGET]
 */
import { openTarget } from 'warpline'

await using engine = await openTarget(process.argv[2])
const input = { messages: [{ role: 'user', content: 'What is Warpline?' }] } as const

for await (const event of engine.generate({ input, sampling: { maxTokens: 128 } })) {
  if (event.type === 'tokens') process.stdout.write(event.text)
  if (event.type === 'done')
    console.log(`\n(${event.usage.completionTokens} tokens, ${event.choices[0]?.finishReason})`)
}
