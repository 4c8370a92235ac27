import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CellStore } from './cell-store.ts'
import { sampleCell } from './testing/sample-cells.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-matrix-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const conditions = { steps: 20 }

test('a cell that is over is known to the next, one that failed is not', () => {
  const [measured, skipped, failed] = [
    sampleCell({ batch: 1 }),
    sampleCell({ batch: 2 }, { figures: null, skipped: 'too large' }),
    sampleCell({ batch: 3 }, { figures: null, failed: 'it broke' }),
  ]
  const first = new CellStore(folder, conditions)
  for (const result of [measured, skipped, failed]) first.keep(result)
  const next = new CellStore(folder, conditions)
  expect(next.finished(measured.cell)).toEqual(measured)
  expect(next.finished(skipped.cell)).toEqual(skipped)
  expect(next.finished(failed.cell)).toBeUndefined()
  expect(next.finished(sampleCell({ batch: 4 }).cell)).toBeUndefined()
})

test('under other conditions nothing counts', () => {
  const result = sampleCell()
  new CellStore(folder, conditions).keep(result)
  expect(new CellStore(folder, { steps: 40 }).finished(result.cell)).toBeUndefined()
})

test('a file that was cut off is no cell', () => {
  const result = sampleCell()
  const store = new CellStore(folder, conditions)
  store.keep(result)
  const [file] = readdirSync(folder)
  writeFileSync(join(folder, file!), '{"schema": "warpline-matr')
  expect(store.finished(result.cell)).toBeUndefined()
})

test('models in different folders have files of their own, whose names any system takes', () => {
  const store = new CellStore(folder, conditions)
  for (const model of ['/a/llama', '/b/llama', '../x y:z', 'ü'.repeat(300)]) store.keep(sampleCell({ model }))
  const files = readdirSync(folder)
  expect(files).toHaveLength(4)
  for (const file of files) expect(file).toMatch(/^[\w.-]{1,160}\.cell\.json$/)
})
