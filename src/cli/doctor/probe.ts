import { execFile } from 'node:child_process'
import { type FileProbe, fileProbe } from '../../cuda/index.ts'

/** How the machine is looked at; tests bring another. Nothing here throws: what cannot be seen is not there. */
export interface Probe extends FileProbe {
  /** The standard output of a program; `undefined` when it is missing, fails or takes longer than 5 s. */
  run(program: string, args: readonly string[]): Promise<string | undefined>
}

export function machineProbe(env: Probe['env']): Probe {
  return {
    ...fileProbe(env),
    run: (program, args) =>
      new Promise(resolve => {
        execFile(program, args, { timeout: 5000, env: { ...env, LC_ALL: 'C' } }, (error, stdout) =>
          resolve(error ? undefined : stdout),
        )
      }),
  }
}
