import { libraryFinder } from '../../cuda/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import type { World } from '../world.ts'
import type { Finding } from './finding.ts'
import { gpuFindings } from './gpu.ts'
import { hostFindings } from './host.ts'
import { modelFinding } from './model.ts'
import { mpiFindings } from './mpi.ts'
import { printFindings } from './print.ts'
import { machineProbe, type Probe } from './probe.ts'

/** `warpline doctor`: what this machine has, what is missing, and what to do about it. */
export async function runDoctor(config: Config, world: World): Promise<ExitCode> {
  const findings = await examine(machineProbe(world.env), world)
  const ok = findings.every(({ needed, status }) => status === 'ok' || !needed)
  if (config.json) world.stdout.write(`${JSON.stringify({ ok, findings }, null, 2)}\n`)
  else printFindings(findings, ok, world)
  return ok ? EXIT.ok : EXIT.failure
}

export async function examine(
  probe: Probe,
  { cwd, openTarget }: Pick<World, 'cwd' | 'openTarget'>,
): Promise<Finding[]> {
  const find = libraryFinder(probe)
  return [
    ...(await hostFindings(probe, cwd)),
    await modelFinding(openTarget),
    ...(await gpuFindings(probe, find)),
    ...(await mpiFindings(probe, find)),
  ]
}
