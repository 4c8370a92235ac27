import { type Html, html } from '../../../html/index.ts'
import type { Distribution, Estimate } from '../../measures/measures.ts'
import type { RunReport } from '../../report/bench-report.ts'
import { interval, NOTHING, number, percent, whole } from '../numbers.ts'
import { describeObjectives } from './goodput-bars.ts'

interface Card {
  readonly name: string
  readonly figure: string
  readonly unit?: string
  readonly notes: readonly string[]
}

/** What one would say of a run in one breath. */
export function keyFigures({ measures, gpu }: RunReport): Html {
  const { requests, tokens, goodput } = measures
  const cards: readonly Card[] = [
    latencyCard('TTFT', measures.ttft),
    latencyCard('TPOT', measures.tpot),
    latencyCard('ITL', measures.itl),
    latencyCard('E2E latency', measures.e2e),
    rateCard('Output', tokens.outputPerSecond, 'tok/s', `steady ${number(tokens.steadyPerSecond)} tok/s`),
    rateCard('Requests', requests.perSecond, '/s', `${whole(requests.ok)} answered in ${number(requests.seconds)} s`),
    ...(goodput
      ? [
          {
            name: 'Goodput',
            figure: percent(goodput.share),
            notes: [`${number(goodput.perSecond)} requests/s`, describeObjectives(goodput.objectives)],
          },
        ]
      : []),
    {
      name: 'Failed',
      figure: whole(requests.failed),
      notes: [`${percent(requests.failed / requests.offered)} of ${whole(requests.offered)} offered`],
    },
    ...(gpu
      ? [
          {
            name: 'Energy',
            figure: number(gpu.joulesPerOutputToken),
            unit: 'J/token',
            notes: [`${whole(gpu.watts)} W, GPU ${percent(gpu.utilisation)} busy`],
          },
        ]
      : []),
  ]
  return html`<div class="cards">
${cards.map(cardOf)}</div>`
}

function cardOf({ name, figure, unit, notes }: Card): Html {
  return html`<div class="card"><h3>${name}</h3><p class="figure">${figure}${
    unit !== undefined && figure !== NOTHING && html` <small>${unit}</small>`
  }</p>${notes.map(note => html`<p>${note}</p>`)}</div>
`
}

function latencyCard(name: string, { count, p50, p99, max }: Distribution): Card {
  if (count === 0) return { name: `${name} p50`, figure: NOTHING, notes: [] }
  const range = p50 ? interval(p50) : undefined
  const tail = p99 ? `p99 ${number(p99.value)} ms` : `max ${number(max)} ms`
  return {
    name: `${name} p50`,
    figure: number(p50?.value),
    unit: 'ms',
    notes: [...(range === undefined ? [] : [range]), tail],
  }
}

function rateCard(name: string, estimate: Estimate, unit: string, note: string): Card {
  const range = interval(estimate)
  return { name, figure: number(estimate.value), unit, notes: [...(range === undefined ? [] : [range]), note] }
}
