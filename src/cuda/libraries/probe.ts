import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** How a machine's files are looked at; tests bring another. Nothing here throws: what cannot be seen is not there. */
export interface FileProbe {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  read(path: string): string | undefined
  /** The paths that match; `*` stands for any part of one name. */
  find(pattern: string): readonly string[]
  /** What a symbolic link says; `undefined` for what is none. */
  link(path: string): string | undefined
}

export function fileProbe(env: FileProbe['env']): FileProbe {
  return {
    env,
    home: homedir(),
    read: path => attempt(() => readFileSync(path, 'utf8')),
    find,
    link: path => attempt(() => readlinkSync(path)),
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
