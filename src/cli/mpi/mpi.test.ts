import { expect, test } from 'vitest'
import { main } from '../main.ts'
import { testWorld } from '../testing/test-world.ts'
import { resultLine, verdictLine } from './print.ts'

test('a process alone is checked as far as one rank goes', async () => {
  const world = testWorld()
  expect(await main(['mpi', 'check'], world)).toBe(0)
  const out = world.out().replace(/[\d.]+ [µm]s/g, 'TIME')
  expect(out).toContain('in process, one rank\n\n  ✓ library           in process\n')
  expect(out).toContain('  ✓ send, receive     42 went from a rank to itself in TIME\n')
  expect(out).toContain('  – latency           not run: it takes two ranks\n')
  expect(out).toContain('  ✓ allreduce         right; TIME (median of ')
  expect(out).toMatch(/\n\nall \d+ checks passed; \d+ not run\n$/)
})

test('--json is one object', async () => {
  const world = testWorld()
  expect(await main(['mpi', 'check', '--json'], world)).toBe(0)
  const report = JSON.parse(world.out())
  expect(report).toMatchObject({ library: 'in process', ranks: 1, ok: true, hosts: [{ ranks: [0] }] })
  expect(report.checks[0]).toEqual({ name: 'library', status: 'ok', detail: 'in process' })
})

test.each([[['mpi']], [['mpi', 'cheque']], [['mpi', 'check', 'twice']]])('%o is no command', async words => {
  const world = testWorld()
  expect(await main(words, world)).toBe(2)
  expect(world.err()).toContain('mpi: say what is to be done: warpline mpi check')
})

test('a line for each check, and one for all', () => {
  const world = testWorld()
  const checks = [
    { name: 'barrier', status: 'ok', detail: 'right' },
    { name: 'bcast', status: 'failed', detail: 'rank 1: no answer in 10 s' },
    { name: 'GPU to GPU', status: 'not-run', detail: 'no GPU' },
  ] as const
  expect(checks.map(check => resultLine(check, world))).toEqual([
    '  ✓ barrier           right',
    '  ✗ bcast             rank 1: no answer in 10 s',
    '  – GPU to GPU        not run: no GPU',
  ])
  expect(verdictLine({ checks }, world)).toBe('1 of 2 checks failed; 1 not run')
  expect(verdictLine({ checks: checks.slice(0, 1) }, world)).toBe('all 1 checks passed')
})
