import { type EngineInfo, UNKNOWN_CONTEXT } from '../engine/index.ts'
import type { Upstreams } from './upstreams.ts'

/** What engines are together, as of when it is read. Its fields are its own, so that a copy of it holds them too. */
export function routerInfo(upstreams: Upstreams, hasTokenizer: boolean): EngineInfo {
  const all = () => upstreams.infosOf(upstreams.models.names[0])
  const first = () => all()[0]
  const info = {
    backend: 'route',
    kvBlockSize: 0,
    samplingDefaults: {},
    get model() {
      return upstreams.models.names[0] ?? 'none'
    },
    get models() {
      return upstreams.models.names
    },
    get contextLength() {
      return leastContext(all())
    },
    get vocabSize() {
      return first()?.vocabSize ?? 0
    },
    get parameters() {
      return first()?.parameters ?? 0
    },
    get weightType() {
      return first()?.weightType ?? 'none'
    },
    get maxSequences() {
      let sum = 0
      for (const slot of upstreams) if (slot.isReady) sum += slot.maxSequences
      // With none, whoever asks is told so by the answer, not by a wait without end.
      return Math.max(1, sum)
    },
    get tokenizer() {
      return hasTokenizer ? 'here' : 'elsewhere'
    },
    get cacheSalts() {
      for (const { info } of upstreams) if (info?.cacheSalts === false) return false
      return true
    },
    get chat() {
      const infos = all()
      // Nothing is known yet: an engine will tell.
      return infos.length === 0 || infos.some(({ chat }) => chat)
    },
    get chatTemplate() {
      return first()?.chatTemplate
    },
  }
  return info as EngineInfo
}

/** What fits everywhere; what is not known bounds nothing. */
export function leastContext(infos: readonly EngineInfo[]): number {
  return infos.reduce((least, { contextLength }) => Math.min(least, contextLength), UNKNOWN_CONTEXT)
}
