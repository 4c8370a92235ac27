import type { Html } from '../../../html/index.ts'
import type { RunReport } from '../../report/bench-report.ts'
import { NOTHING, number, percent, whole } from '../numbers.ts'
import { runRows } from './run-rows.ts'

const GIB = 2 ** 30

/** What the cards did meanwhile; undefined where there were none. */
export function gpuTable(runs: readonly RunReport[]): Html | undefined {
  const seen = runs.filter(({ gpu }) => gpu !== null)
  if (seen.length === 0) return undefined
  return runRows(seen, [
    { name: 'Cards', of: ({ gpu }) => gpu!.cards.join(' + ') },
    { name: 'Memory, GiB', of: ({ gpu }) => number(gpu!.memoryBytes / GIB) },
    { name: 'Utilisation', of: ({ gpu }) => percent(gpu!.utilisation) },
    { name: 'Power, W', of: ({ gpu }) => whole(gpu!.watts) },
    { name: 'J per output token', of: ({ gpu }) => number(gpu!.joulesPerOutputToken) },
    { name: 'Of the ceiling', of: ({ gpu }) => ceilingOf(gpu!.ofCeiling) },
  ])
}

function ceilingOf(ceiling: { readonly share: number; readonly bound: string } | null): string {
  return ceiling === null ? NOTHING : `${percent(ceiling.share)} of its ${ceiling.bound}`
}
