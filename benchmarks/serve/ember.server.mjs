// Warpline over the bundled model, which computes in a thread of its own.

import { openTarget } from 'warpline'
import { serve } from 'warpline/serve'
import { serveHere, settings } from './serve-here.mjs'

const { streams, tokens } = settings()
const engine = await openTarget('ember', { threads: 1, maxSequences: streams, kvMemory: 2 ** 30 })
const server = await serve({ engine, port: 0 })
serveHere(Number(new URL(server.url).port), {
  /** The same work without HTTP: every stream is read here. */
  alone: async () => {
    const before = engine.histograms().stepMs
    await Promise.all(Array.from({ length: streams }, (_, i) => drain(engine, i)))
    return since(before)
  },
  steps: () => engine.histograms().stepMs,
})

async function drain(engine, seed) {
  const sampling = { maxTokens: tokens, ignoreEos: true, seed }
  for await (const _ of engine.generate({ input: { text: 'Once' }, sampling }));
}

function since({ counts, sum }) {
  const now = engine.histograms().stepMs
  return { bounds: now.bounds, counts: now.counts.map((count, i) => count - counts[i]), sum: now.sum - sum }
}
