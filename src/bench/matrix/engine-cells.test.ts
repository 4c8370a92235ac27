import { expect, test } from 'vitest'
import type { Cell } from './cell.ts'
import { type CellOutcome, runEngineCells } from './engine-cells.ts'
import { sampleCell } from './testing/sample-cells.ts'

const module = new URL('./testing/fragile-engine.process.ts', import.meta.url)

async function run(batches: readonly number[], onCell: (cell: Cell) => Promise<void> = async () => {}) {
  const outcomes: [batch: number, outcome: CellOutcome][] = []
  const task = {
    model: 'm',
    options: {},
    cells: batches.map(batch => sampleCell({ batch }).cell),
    steps: { steps: 1, warmUp: 0, repeats: 1 },
    ceilings: false,
  }
  await runEngineCells(task, {
    module,
    onProgress: () => {},
    onCell: async (cell, outcome) => {
      await onCell(cell)
      outcomes.push([cell.batch, outcome])
    },
  })
  return outcomes
}

test('an engine that is lost costs the cell it was at; another goes on behind it', { timeout: 60_000 }, async () => {
  const outcomes = await run([1, 2, 13, 3, 14, 4])
  expect(outcomes.map(([batch, { figures, failed }]) => [batch, figures === null ? failed : 'measured'])).toEqual([
    [1, 'measured'],
    [2, 'measured'],
    [13, "the engine's process was ended by SIGKILL"],
    [3, 'measured'],
    [14, 'out of memory'],
    [4, 'measured'],
  ])
  const engines = outcomes.map(([, { engine }]) => engine!.backend)
  expect(new Set(engines).size).toBe(3)
  expect(outcomes[0]![1].figures).toMatchObject({ memoryBytes: 5, watts: null, joulesPerToken: null })
})

test('what cannot be kept ends the measurement', { timeout: 60_000 }, async () => {
  const full = async () => {
    throw new Error('ENOSPC')
  }
  await expect(run([1, 2], full)).rejects.toThrow('ENOSPC')
})
