import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** How the machine is looked at; tests bring another. Nothing here throws: what cannot be seen is not there. */
export interface Probe {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** The standard output of a program; `undefined` when it is missing, fails or takes longer than 5 s. */
  run(program: string, args: readonly string[]): Promise<string | undefined>
  read(path: string): string | undefined
  /** The paths that match; `*` stands for any part of one name. */
  find(pattern: string): readonly string[]
}

export function machineProbe(env: Probe['env']): Probe {
  return {
    env,
    home: homedir(),
    run: (program, args) =>
      new Promise(resolve => {
        execFile(program, args, { timeout: 5000, env: { ...env, LC_ALL: 'C' } }, (error, stdout) =>
          resolve(error ? undefined : stdout),
        )
      }),
    read: path => attempt(() => readFileSync(path, 'utf8')),
    find,
  }
}

function find(pattern: string): readonly string[] {
  const star = pattern.indexOf('*')
  if (star < 0) return existsSync(pattern) ? [pattern] : []
  const end = pattern.indexOf('/', star)
  const part = end < 0 ? pattern : pattern.slice(0, end)
  const name = new RegExp(
    `^${part
      .slice(dirname(part).length + 1)
      .split('*')
      .map(literally)
      .join('.*')}$`,
  )
  const names = attempt(() => readdirSync(dirname(part))) ?? []
  const rest = end < 0 ? '' : pattern.slice(end)
  return names.filter(each => name.test(each)).flatMap(each => find(join(dirname(part), each) + rest))
}

function literally(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
