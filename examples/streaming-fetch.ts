/**
 * A streamed answer without any client: server-sent events, read with what Node has.
 *
 *   npx tsx examples/streaming-fetch.ts [TARGET]
 */
import { openTarget, serve } from 'warpline'

await using engine = await openTarget(process.argv[2])
const server = await serve({ engine, port: 0 })

const response = await fetch(`${server.url}/v1/chat/completions`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    model: engine.info.model,
    messages: [{ role: 'user', content: 'What is Warpline?' }],
    max_tokens: 128,
    stream: true,
  }),
})

let rest = ''
for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
  const events = (rest + text).split('\n\n')
  // The last one may be half there.
  rest = events.pop() ?? ''
  for (const event of events) {
    const data = event.replace(/^data: /, '')
    if (data !== '[DONE]') process.stdout.write(JSON.parse(data).choices[0]?.delta.content ?? '')
  }
}
process.stdout.write('\n')

await server.close()
