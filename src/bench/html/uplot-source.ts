import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export interface LibrarySource {
  readonly script: string
  readonly style: string
  /** Who hands the library on hands this on as well. */
  readonly licence: string
}

/** The library that draws charts, to be held by a page itself; its files are small, and read once a report. */
export function uplotSource(): LibrarySource {
  return {
    script: readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    style: readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'),
    licence: readFileSync(require.resolve('uplot/LICENSE'), 'utf8'),
  }
}
