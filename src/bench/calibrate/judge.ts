import type { Verdict } from '../report/bench-report.ts'
import { type Facts, RULES } from './rules.ts'

/** Whether the figures of a run are the target's, or the client's own. */
export function judge(
  spec: Facts['spec'],
  measures: Facts['measures'],
  client: Facts['client'],
  calibration: Facts['calibration'],
): Verdict {
  const facts: Facts = { spec, measures, client, calibration }
  const broken = RULES.filter(rule => rule.broken(facts))
  return { valid: !broken.some(({ invalid }) => invalid), reasons: broken.map(rule => rule.sentence(facts)) }
}
