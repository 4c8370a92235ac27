import { type Html, html } from '../../../html/index.ts'

const DEFINITIONS: readonly (readonly [term: string, meaning: string])[] = [
  [
    'Due time',
    'When a request should have gone out: in an open loop its arrival, in a closed loop when its slot became free. Latencies that users feel count from here, so that a client or a target that stalls hides nothing.',
  ],
  [
    'TTFT',
    'Time to first token: from the due time to the first text, queueing included. “From sending” leaves out what the client held back.',
  ],
  [
    'TPOT',
    'Time per output token of one request: (last text − first text) / (tokens − 1), of answers of at least two tokens.',
  ],
  [
    'ITL',
    'Inter-token latency: the gaps between arrivals of text, of all requests in one pool. Text of several tokens that comes at once is one arrival.',
  ],
  ['Largest gap', 'The longest such gap of each request: a stall.'],
  ['E2E latency', 'From the due time to the end of the answer.'],
  ['Client queue', 'From the due time to the sending.'],
  [
    'Requests/s, tok/s',
    'Answered requests, and output tokens, over the time from the first due time to the last answer. Prompt tokens are never output. “Steady” counts tokens that arrived before the measured part ended, without its tail.',
  ],
  [
    'Goodput',
    'Requests that kept all bounds, per second and as a share of those offered: errors and refusals are misses.',
  ],
  [
    'Percentiles',
    'By linear interpolation between order statistics (type 7, numpy’s default). One is printed only where at least 10 / (1 − q) samples stand behind it.',
  ],
  ['Intervals', '95 %, by a bootstrap of blocks of requests in the order of their due times, as neighbours are alike.'],
  [
    'Warm-up',
    'Runs before what counts, under the same load. Closed loops hand their slots over without draining. Shaded in the charts.',
  ],
  [
    'INVALID',
    'The client and not the target was the limit: it sent late, computed too long, or came too near to the most that it reaches.',
  ],
]

/** What each word means here: tools differ. */
export function definitions(): Html {
  return html`<dl class="definitions">
${DEFINITIONS.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>\n`)}</dl>`
}
