import type { Engine } from '../../engine/index.ts'
import type { EngineHost } from '../engine-host.ts'
import { EngineHostProcess } from '../engine-host-process.ts'

/** Where an engine runs: what goes there directly is not checked first. */
export function hostOf(engine: Engine): EngineHost {
  return (engine as unknown as { readonly host: EngineHost }).host
}

/** The id of an isolated engine's process. */
export function engineProcess(engine: Engine): number {
  const host = hostOf(engine)
  if (!(host instanceof EngineHostProcess) || host.pid === undefined) throw new TypeError('it has no process')
  return host.pid
}

/** Whether a process runs, be it well or not. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
