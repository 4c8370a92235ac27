import type { Exchange } from '../exchange/exchange.ts'

/** `Server-Timing` (W3C), in ms: what is known when the headers go out. A stream's decoding is still to come. */
export function serverTiming({ record, arrivedAt }: Exchange): string {
  const total = performance.now() - arrivedAt
  if (!record) return phase('total', total).slice(2)
  const { queuedMs, prefillMs, decodeMs } = record
  return `${phase('queue', queuedMs)}${phase('prefill', prefillMs)}${phase('decode', decodeMs)}${phase('total', total)}`.slice(
    2,
  )
}

/** Nothing for what took no time, or is not known yet. */
function phase(name: string, ms: number): string {
  return ms > 0 ? `, ${name};dur=${Math.round(ms * 10) / 10}` : ''
}
