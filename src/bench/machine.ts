import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { openCuda, openNvml } from '../cuda/index.ts'

/** Where figures were measured. */
export interface Machine {
  readonly gpu: string | null
  /** NVIDIA's, e.g. `580.95.05`. */
  readonly driver: string | null
  /** The newest CUDA that the driver knows. */
  readonly cuda: string | null
  readonly cpu: string
  readonly cores: number
  readonly node: string
}

/** @param gpu The name of the GPU that computes; undefined where none does. */
export function describeMachine(gpu: string | undefined): Machine {
  return {
    gpu: gpu ?? null,
    driver: gpu === undefined ? null : told(() => openNvml().driverVersion),
    cuda: gpu === undefined ? null : told(() => openCuda().driverVersion),
    cpu: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    node: process.versions.node,
  }
}

/**
 * The commit that this file was checked out with; null where it is not in a checkout. `WARPLINE_COMMIT` tells it where
 * sources are a copy without their history.
 */
export function commit(): string | null {
  if (process.env.WARPLINE_COMMIT) return process.env.WARPLINE_COMMIT
  const directory = fileURLToPath(new URL('.', import.meta.url))
  const args = ['-C', directory, 'describe', '--always', '--dirty', '--abbrev=12', '--exclude=*']
  return told(() => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim())
}

function told<T>(ask: () => T): T | null {
  try {
    return ask()
  } catch {
    return null
  }
}
