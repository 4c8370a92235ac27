/**
 * What messages between two ranks cost, under every MPI that is installed, in about half a minute:
 *
 *   npm run bench:mpi                 a table
 *   npm run bench:mpi -- --json FILE  and the same as JSON
 *
 * Both ranks are on this machine, over shared memory: what is measured is the way through JavaScript and FFI, not a network.
 * Times are medians, which other work on the machine moves little; bursts and bandwidth it does move.
 */
import { parseArgs } from 'node:util'
import { launcherFor, MPIS, mpirun } from '../test/mpi/mpirun.ts'
import { Figures } from './bench/figures.ts'
import type { Row } from './report.ts'

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const figures = new Figures()
for (const mpi of MPIS) {
  if (launcherFor(mpi) === undefined) {
    console.log(`${mpi} is not installed`)
    continue
  }
  const { code, stdout, stderr } = await mpirun({ mpi, ranks: 2, program: 'benchmarks/mpi/rank.process.ts' })
  if (code !== 0) throw new Error(`it ended with ${code} under ${mpi}:\n${stdout}${stderr}`)
  for (const line of stdout.split('\n').filter(Boolean)) {
    const { what, figure, unit, goal } = JSON.parse(line) as Row
    figures.add(`${mpi}: ${what}`, figure, unit, goal)
  }
}
figures.save(values.json, 'npm run bench:mpi -- --json FILE')
