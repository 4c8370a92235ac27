import { createProcessMetrics, expose, type Family, type ProcessMetrics } from '../../telemetry/index.ts'
import type { Host } from '../host.ts'
import { ENGINE_FAMILIES } from './engine-families.ts'
import { LLAMACPP_FAMILIES } from './llamacpp-families.ts'
import type { MetricFamily } from './metric-family.ts'
import { Rate } from './rate.ts'
import type { EngineScrape, OpenRequests, ServerScrape } from './scrape.ts'
import { SERVER_FAMILIES } from './server-families.ts'
import { VLLM_FAMILIES } from './vllm-families.ts'

type Scraped = Pick<Host, 'admission' | 'engineFailure' | 'exchanges' | 'loaded' | 'metrics' | 'model'>

/** What `/metrics` tells. */
export class Exposition implements Disposable {
  readonly #promptRate = new Rate()
  readonly #outputRate = new Rate()

  constructor(
    private readonly host: Scraped,
    private readonly process: ProcessMetrics = createProcessMetrics(),
    /** What is told beside. */
    private readonly others: () => readonly Family[] = () => [],
  ) {}

  /** In Prometheus' text format. Figures that are no counters tell of the time since it was last asked, where they say so. */
  text(connections: number): string {
    const server = this.#server(connections)
    const engine = this.#engine(server.admission.waiting)
    const text = expose([
      ...(engine ? [VLLM_FAMILIES, LLAMACPP_FAMILIES, ENGINE_FAMILIES].flatMap(table => bound(table, engine)) : []),
      ...bound(SERVER_FAMILIES, server),
      ...this.others(),
      ...this.process.families,
    ])
    this.process.reset()
    return text
  }

  [Symbol.dispose](): void {
    this.process[Symbol.dispose]()
  }

  #server(connections: number): ServerScrape {
    const { admission, engineFailure, exchanges, loaded, metrics } = this.host
    const tenants = new Map<string, OpenRequests>()
    let openRequests = 0
    for (const { record, caller } of exchanges) {
      openRequests++
      if (record === undefined || record.phase === 'over') continue
      const { name } = caller!.tenant
      let requests = tenants.get(name)
      if (requests === undefined) {
        requests = { waiting: 0, running: 0 }
        tenants.set(name, requests)
      }
      requests[record.phase]++
    }
    const ready = engineFailure === undefined && loaded?.health().status === 'ready'
    return { metrics, admission: admission.snapshot(), tenants, openRequests, connections, ready }
  }

  #engine(queued: number): EngineScrape | undefined {
    const { loaded, metrics, model } = this.host
    if (loaded === undefined) return undefined
    const { promptTokens, cachedTokens, prefill, generationTokens, decode } = metrics
    return {
      model: model!,
      info: loaded.info,
      stats: loaded.stats(),
      steps: loaded.histograms(),
      metrics,
      queued,
      promptRate: this.#promptRate.next(promptTokens.sum - cachedTokens, prefill.sum),
      outputRate: this.#outputRate.next(generationTokens.sum, decode.sum),
    }
  }
}

function bound<From>(table: readonly MetricFamily<From>[], from: From): Family[] {
  return table.map(({ name, help, type, collect }) => ({ name, help, type, collect: () => collect(from) }))
}
