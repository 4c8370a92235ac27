/** A rank that must keep the contract: `mpirun -np N node conformance.process.ts`. Rank 0 says how each case went. */
import { openMpi } from '../../src/mpi/mpi/open-mpi.ts'
import { CONFORMANCE } from '../../src/mpi/testing/conformance.ts'

const world = await openMpi()
let failed = 0
for (const { name, ranks = 1, run } of CONFORMANCE) {
  if (world.size < ranks) continue
  const failure = await run(world).then(
    () => undefined,
    error => error,
  )
  // All say how it went before any goes on, so that a case that has failed somewhere is not another's beginning.
  const failures = await world.allreduce(Int32Array.of(failure ? 1 : 0), 'sum')
  if (failure) console.log(`✗ ${name}, on rank ${world.rank}: ${failure.stack}`)
  if (world.rank === 0 && failures[0] === 0) console.log(`✓ ${name}`)
  failed += failures[0]!
}
if (world.rank === 0) console.log(`${world.library}: ${failed} failed on ${world.size} ranks`)
await world.close()
process.exitCode = failed === 0 ? 0 : 1
