import type { Engine } from '../../engine/index.ts'
import type { EngineHost } from '../engine-host.ts'
import { EngineHostProcess } from '../engine-host-process.ts'
import { job } from './schedules.ts'

function hostOf(engine: Engine): EngineHost {
  return (engine as unknown as { readonly host: EngineHost }).host
}

/** No token: its row of the embedding lies beyond all memory, so that the kernel that reads it faults. */
export const NOWHERE = 2 ** 31 - 1

/** Makes a kernel of an engine on a GPU fault. The engine checks what it is asked; so this goes past it. */
export function fault(engine: Engine): void {
  hostOf(engine).postMessage({ type: 'submit', job: job(1e6, [NOWHERE]) })
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
