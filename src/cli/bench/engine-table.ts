import type { EngineReport, EngineRow } from '../../bench/index.ts'
import { styleFor } from '../style.ts'
import { significant, table } from '../table.ts'
import type { Place } from '../world.ts'

/** The report for people. */
export function engineTable(report: EngineReport, world: Place): string {
  const whole = report.rows.filter(({ without }) => without.length === 0)
  const lines = [...heading(report, world), '', ...figures(whole, world)]
  if (whole.length < report.rows.length) lines.push('', ...ablation(report.rows, world))
  return `${lines.join('\n')}\n`
}

function heading({ model, weights, kvType, backend, machine, ceilings, commit }: EngineReport, world: Place): string[] {
  const style = styleFor(world.stdout, world.env)
  const where = machine.gpu
    ? `${machine.gpu}, driver ${machine.driver ?? 'unknown'}`
    : `${machine.cpu}, ${machine.cores} cores`
  const lines = [
    `${style('bold', model)}  weights ${weights}, keys and values ${kvType}, ${backend}`,
    `${where}; Node.js ${machine.node}${commit ? `; ${commit}` : ''}`,
  ]
  if (ceilings) {
    const { gigabytesPerSecond, teraflops } = ceilings
    lines.push(
      `at best: ${Math.round(gigabytesPerSecond)} GB/s read, ${significant(teraflops)} TFLOP/s in bf16 products`,
    )
  }
  return lines
}

function figures(rows: readonly EngineRow[], world: Place): readonly string[] {
  const header = ['test', 'batch', 'tok/s', '±', 'ms', 'GB/s', 'TFLOP/s', 'of the most', 'host µs', 'kernels', '']
  const cells = rows.map(({ test, batch, figures, skipped }) => {
    if (figures === null) return [test, String(batch), ...Array(8).fill('–'), skipped ?? '']
    const { tokensPerSecond, firstTokenMs, msPerStep, ofCeiling, bound, kernelsPerStep, graph } = figures
    return [
      test,
      String(batch),
      significant(tokensPerSecond.mean),
      significant(tokensPerSecond.deviation),
      (firstTokenMs ?? msPerStep).toFixed(3),
      significant(figures.gigabytesPerSecond),
      significant(figures.teraflops),
      ofCeiling === null ? '' : `${(100 * ofCeiling).toFixed(1)} % ${bound}`,
      figures.hostMicrosecondsPerStep === null ? '' : significant(figures.hostMicrosecondsPerStep),
      kernelsPerStep === null ? '' : String(kernelsPerStep),
      graph ? 'graph' : '',
    ]
  })
  return [
    ...table(header, cells, 'lrrrrrrrrrl', world),
    '',
    'ms: of a prompt (pp), to its first token; of an answer (tg), a step. GB/s: weights, keys and values, read once a step.',
  ]
}

/** What each technique is worth: the rate without it, and how many times faster it is with it. */
function ablation(rows: readonly EngineRow[], world: Place): readonly string[] {
  const cells = rows
    .filter(({ without }) => without.length > 0)
    .map(row => {
      const { test, batch, without, figures } = row
      const whole = rows.find(each => each.without.length === 0 && each.test === test && each.batch === batch)
      const with_ = whole?.figures?.tokensPerSecond.mean
      const rate = figures?.tokensPerSecond.mean
      const worth = with_ !== undefined && rate !== undefined ? `${(with_ / rate).toFixed(3)} ×` : '–'
      return [
        test,
        String(batch),
        without.length === 1 ? without[0]! : 'all of them',
        rate === undefined ? '–' : significant(rate),
        worth,
      ]
    })
    .sort((a, b) => `${a[0]} ${a[1]}`.localeCompare(`${b[0]} ${b[1]}`, 'en', { numeric: true }))
  return table(['test', 'batch', 'without', 'tok/s', 'worth'], cells, 'lrlrr', world)
}
