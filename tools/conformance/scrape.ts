import { type ParsedFamily, parseExposition } from '../../src/telemetry/index.ts'
import { messageOf } from './ask.ts'
import { type Context, demand, Failure, Skip } from './check.ts'

/** What /metrics said. */
export class Scrape {
  constructor(readonly families: ReadonlyMap<string, ParsedFamily>) {}

  /** Of a counter or gauge, summed over its labels; of the first of the names that stands there. */
  value(...names: readonly string[]): number | undefined {
    const family = names.map(name => this.families.get(name)).find(Boolean)
    return family?.samples.reduce((sum, sample) => sum + ('value' in sample ? sample.value : 0), 0)
  }
}

/** @throws Skip where the server has no metrics, Failure where they are no exposition */
export async function scrape({ client }: Context): Promise<Scrape> {
  const reply = await client.get('/metrics')
  // A key that opens the rest may not open this.
  if ([401, 403, 404, 501].includes(reply.status)) throw new Skip(`/metrics is ${reply.status}: ${messageOf(reply)}`)
  demand(reply.status === 200, `expected 200 of /metrics, got ${reply.status}`)
  const type = reply.headers['content-type'] ?? ''
  demand(/^text\/plain\b/.test(type), `expected /metrics as text/plain, got ${type}`)
  try {
    return new Scrape(parseExposition(reply.text))
  } catch (error) {
    throw new Failure(`/metrics, ${(error as Error).message}`)
  }
}
