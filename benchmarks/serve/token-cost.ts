import { median, type Report } from '../report.ts'
import { Child } from './child.ts'
import { post, Streams } from './load.ts'

const STREAMS = 256
const ITL_MS = 20
const ROUND_MS = 2000
const ROUNDS = 7

export const STREAM_REQUEST = post('/v1/chat/completions', {
  model: 'mock',
  messages: [{ role: 'user', content: 'What is the weather like in Paris?' }],
  max_tokens: 8000,
  stream: true,
  temperature: 0,
})

/** As long as one of ours. */
const FRAME = `data: ${JSON.stringify({
  id: `chatcmpl-${'0'.repeat(32)}`,
  object: 'chat.completion.chunk',
  created: 1_790_000_000,
  model: 'mock',
  choices: [{ index: 0, delta: { content: ' bavuji' }, logprobs: null, finish_reason: null }],
})}\n\n`

/** Server CPU for each streamed token with many streams open, one token for each at a step. */
export async function tokenCost(report: Report): Promise<void> {
  const bare = { frame: FRAME, itlMs: ITL_MS }
  const servers = [
    ['warpline', './warpline.server.mjs', { ttftMs: 0, itlMs: ITL_MS, tokens: 8000 }],
    ['bare response.write of a prepared frame', './bare-stream.server.mjs', { ...bare, raw: false }],
    ['bare socket.write of a prepared chunk', './bare-stream.server.mjs', { ...bare, raw: true }],
  ] as const
  for (const [name, module, settings] of servers) {
    const cost = await costOf(module, settings)
    report.add(
      `CPU for a streamed token, ${STREAMS} streams: ${name}`,
      cost,
      'µs',
      name === 'warpline' ? '≤ 16' : undefined,
    )
  }
}

async function costOf(module: string, settings: object): Promise<number> {
  await using server = await Child.start(module, settings)
  using streams = new Streams()
  await streams.open(server.port, STREAM_REQUEST, STREAMS)
  const costs: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const before = { ...(await server.resources()), frames: streams.frames }
    await new Promise(resolve => setTimeout(resolve, ROUND_MS))
    const frames = streams.frames - before.frames
    costs.push(((await server.resources()).cpuUs - before.cpuUs) / frames)
  }
  return median(costs.slice(1))
}
