import type { Report } from '../report.ts'
import { Child } from './child.ts'
import { Streams } from './load.ts'
import { STREAM_REQUEST } from './token-cost.ts'

const FIRST = 500
const MORE = 4000

/** What each further open stream adds to the server's resident memory, once it has served some. */
export async function memoryPerStream(report: Report): Promise<void> {
  const mock = { ttftMs: 0, itlMs: 500, slots: 8192, tokens: 8000 }
  const frame = `data: ${'x'.repeat(200)}\n\n`
  const servers = [
    ['warpline', './warpline.server.mjs', mock],
    ['bare', './bare-stream.server.mjs', { frame, itlMs: 500, raw: true }],
  ] as const
  for (const [name, module, settings] of servers) {
    await using server = await Child.start(module, settings)
    using streams = new Streams()
    await streams.open(server.port, STREAM_REQUEST, FIRST)
    const before = await settled(server)
    await streams.open(server.port, STREAM_REQUEST, MORE)
    const bytes = ((await settled(server)) - before) / MORE
    report.add(`memory for an open stream: ${name}`, bytes / 1000, 'KB', name === 'warpline' ? '≤ 60' : undefined)
  }
}

/** Resident bytes once some steps were sent and garbage was collected. */
async function settled(server: Child): Promise<number> {
  let bytes = 0
  for (let i = 0; i < 3; i++) {
    await new Promise(resolve => setTimeout(resolve, 1000))
    await server.collect()
    bytes = (await server.resources()).rssBytes
  }
  return bytes
}
