import type { Check } from './check.ts'
import { UsageError } from './options.ts'

/**
 * Those of the checks that `only` names, by item, topic or id; all where it names none.
 *
 * @throws UsageError for a word that names none
 */
export function chosen(checks: readonly Check[], only: readonly string[]): readonly Check[] {
  if (only.length === 0) return checks
  const named = (word: string, { id, item }: Check) => word === id || word === id.split('.')[0] || word === String(item)
  for (const word of only)
    if (!checks.some(check => named(word, check))) throw new UsageError(`--only: no check is called ${word}`)
  return checks.filter(check => only.some(word => named(word, check)))
}
