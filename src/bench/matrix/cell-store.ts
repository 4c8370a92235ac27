import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell } from './cell.ts'
import type { CellResult } from './cell-result.ts'

/** A folder with a JSON file for each cell that is over. */
export class CellStore {
  /** @param conditions What else decides what is measured; with others, nothing that is there counts. */
  constructor(
    readonly folder: string,
    private readonly conditions: CellResult['conditions'],
  ) {
    mkdirSync(folder, { recursive: true })
  }

  /** What is known of a cell; undefined where it is to be measured: it was not yet, or failed, or under other conditions. */
  finished(cell: Cell): CellResult | undefined {
    let result: CellResult
    try {
      result = JSON.parse(readFileSync(this.#path(cell), 'utf8'))
    } catch {
      return undefined
    }
    const same =
      result.schema === 'warpline-matrix-cell/1' &&
      result.failed === null &&
      JSON.stringify(result.cell) === JSON.stringify(cell) &&
      JSON.stringify(result.conditions) === JSON.stringify(this.conditions)
    return same ? result : undefined
  }

  /** A file is there whole or not at all. */
  keep(result: CellResult): void {
    this.write(fileName(result.cell), result)
  }

  write(name: string, value: unknown): void {
    const text = typeof value === 'string' ? value : `${JSON.stringify(value, null, 1)}\n`
    const path = join(this.folder, name)
    writeFileSync(`${path}.part`, text)
    renameSync(`${path}.part`, path)
  }

  #path(cell: Cell): string {
    return join(this.folder, fileName(cell))
  }
}

/** For people by its words, and for itself by a hash: two models may differ by what no file's name can hold. */
function fileName(cell: Cell): string {
  const { model, batch, promptLength, gpus, quantize, gpuLayers } = cell
  const words = [model.split('/').at(-1), `b${batch}`, `p${promptLength}`, `g${gpus}`, quantize, gpuLayers].join('-')
  const hash = createHash('sha256').update(JSON.stringify(cell)).digest('hex').slice(0, 8)
  return `${words.replaceAll(/[^\w.-]+/g, '_').slice(0, 120)}-${hash}.cell.json`
}
