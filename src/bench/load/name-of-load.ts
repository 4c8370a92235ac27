import { basename } from 'node:path'
import type { LoadSpec } from './load.ts'

/** What tells a load from others of its report: in words, and as the axis of a chart. */
export interface LoadName {
  readonly label: string
  readonly parameters: Readonly<Record<string, string | number>>
}

export function nameOfLoad(load: LoadSpec): LoadName {
  switch (load.kind) {
    case 'closed':
      return { label: `concurrency ${load.concurrency}`, parameters: { concurrency: load.concurrency } }
    case 'open':
      return { label: `${load.rate} requests/s`, parameters: { rate: load.rate } }
    case 'trace': {
      const { path, speed = 1 } = load
      const name = basename(path)
      return { label: speed === 1 ? name : `${name} × ${speed}`, parameters: { trace: name, speed } }
    }
  }
}
