import type { CheckResult, MpiReport } from '../../dispatch/index.ts'
import { styleFor } from '../style.ts'
import type { World } from '../world.ts'

type Place = Pick<World, 'stdout' | 'env'>

const MARKS = { ok: ['green', '✓'], failed: ['red', '✗'], 'not-run': ['dim', '–'] } as const

/** As wide as the longest name of a check. */
const NAME_WIDTH = 16

/** One check's line. */
export function resultLine({ name, status, detail }: CheckResult, world: Place): string {
  const style = styleFor(world.stdout, world.env)
  const [format, mark] = MARKS[status]
  return `  ${style(format, mark)} ${name.padEnd(NAME_WIDTH)}  ${status === 'not-run' ? `not run: ${detail}` : detail}`
}

/** What stands below them. */
export function verdictLine({ checks }: Pick<MpiReport, 'checks'>, world: Place): string {
  const style = styleFor(world.stdout, world.env)
  const count = (status: CheckResult['status']) => checks.filter(check => check.status === status).length
  const [failed, notRun] = [count('failed'), count('not-run')]
  const run = checks.length - notRun
  const rest = notRun > 0 ? `; ${notRun} not run` : ''
  return failed > 0
    ? style('red', `${failed} of ${run} checks failed${rest}`)
    : style('green', `all ${run} checks passed${rest}`)
}
