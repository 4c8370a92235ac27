import type { ComparedSide, Comparison, ComparisonVerdict, RunComparison } from './comparison.ts'

/** All of them together: the worst that is sure. */
export function comparisonOf(
  runs: readonly RunComparison[],
  sides: readonly ComparedSide[],
  margin: number,
  reasons: readonly string[],
): Comparison {
  const has = (verdict: ComparisonVerdict) => runs.some(run => run.verdict === verdict)
  const verdict: ComparisonVerdict = has('worse')
    ? 'worse'
    : has('inconclusive') || reasons.length > 0
      ? 'inconclusive'
      : has('better')
        ? 'better'
        : 'same'
  return { schema: 'warpline-comparison/1', verdict, reasons, margin, sides, runs }
}
