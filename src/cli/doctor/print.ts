import { type Format, styleFor } from '../style.ts'
import type { World } from '../world.ts'
import type { Finding } from './finding.ts'

const HEADINGS: Readonly<Record<string, string>> = {
  machine: 'This machine',
  model: 'Model',
  gpu: 'GPU (for the CUDA engine)',
  mpi: 'MPI (for several hosts)',
}

const COLOURS: Readonly<Record<Finding['status'], Format>> = { ok: 'green', missing: 'yellow', broken: 'red' }

export function printFindings(findings: readonly Finding[], ok: boolean, world: World): void {
  const style = styleFor(world.stdout, world.env)
  const width = Math.max(...findings.map(({ name }) => name.length))
  let group: string | undefined
  const lines: string[] = []
  for (const finding of findings) {
    if (finding.group !== group)
      lines.push(`${group ? '\n' : ''}${style('bold', HEADINGS[finding.group] ?? finding.group)}`)
    group = finding.group
    const status = style(COLOURS[finding.status], finding.status.padEnd(8))
    lines.push(`  ${status} ${finding.name.padEnd(width)}  ${finding.detail}`)
    if (finding.advice) lines.push(`  ${' '.repeat(8)} ${' '.repeat(width)}  → ${finding.advice}`)
  }
  lines.push('', ok ? 'All that is needed is here.' : 'Something needed is missing: see above.')
  world.stdout.write(`${lines.join('\n')}\n`)
}
