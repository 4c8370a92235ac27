import type { InProcessEngine } from '../../native/index.ts'
import { Requests } from './requests.ts'
import { SLACK } from './slack.ts'
import type { EngineWork } from './work.ts'

/** Steps that may pass between the last sequence's first token and a step with all of them in it. */
const MOST_UNTIL_FULL = 3

/**
 * Brings `batch` sequences that hold `depth` tokens to where each further step draws a token of every one, `tokens` times.
 * Those that have their first token wait until all have.
 */
export async function beginDecoding(
  engine: InProcessEngine,
  { batch, depth, tokens }: Pick<EngineWork, 'batch' | 'depth' | 'tokens'>,
): Promise<Requests> {
  const requests = new Requests(engine)
  const waiting = new Set<number>()
  for (let i = 0; i < batch; i++) waiting.add(requests.submit(Math.max(1, depth), tokens + 1 + SLACK))
  const begun: number[] = []
  while (waiting.size > 0) {
    await requests.step()
    for (const id of waiting) {
      if (!requests.started.has(id)) continue
      waiting.delete(id)
      begun.push(id)
      engine.loop.pause(id, true)
    }
  }
  for (const id of begun) engine.loop.pause(id, false)
  for (let i = 0; i < MOST_UNTIL_FULL; i++) {
    if ((await requests.step()).tokens === batch) break
  }
  return requests
}
