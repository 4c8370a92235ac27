/**
 * OpenAI's own client against a Warpline server, which runs in this process here; `npm start` serves the same.
 *
 *   npx tsx examples/openai-client.ts [TARGET]
 */
import OpenAI from 'openai'
import { openTarget, serve } from 'warpline'

await using engine = await openTarget(process.argv[2])
const server = await serve({ engine, port: 0 })

const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'not needed' })
const stream = await client.chat.completions.create({
  model: engine.info.model,
  messages: [{ role: 'user', content: 'What is Warpline?' }],
  max_completion_tokens: 128,
  stream: true,
})
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
process.stdout.write('\n')

await server.close()
