import type { Exchange } from '../exchange/exchange.ts'

/** `Server-Timing` (W3C), in ms: what is known when the headers go out. A stream's decoding is still to come. */
export function serverTiming({ record, arrivedAt }: Exchange): string {
  const total = performance.now() - arrivedAt
  if (!record) return `total;dur=${total.toFixed(1)}`
  const { queuedMs, prefillMs, decodeMs } = record
  const phases = Object.entries({ queue: queuedMs, prefill: prefillMs, decode: decodeMs, total })
  return phases
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`)
    .join(', ')
}
