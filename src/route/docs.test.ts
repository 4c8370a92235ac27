import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { RouterMetrics } from './metrics.ts'
import { POLICY_NAMES } from './policy/policy.ts'

const page = await readFile(new URL('../../docs/router.md', import.meta.url), 'utf8')

test('docs/router.md lists every family as the table has it', () => {
  const told = [...page.matchAll(/^\| `(warpline_router_\w+)` \| (\w+) \|.*\| (.+) \|$/gm)].map(row => row.slice(1))
  const { families } = new RouterMetrics(() => [])
  expect(told).toEqual(families.map(({ name, type, help }) => [name, type, help]))
})

test('docs/router.md lists every policy', () => {
  const told = [...page.matchAll(/^\| `([a-z-]+)`(?: \(default\))? \|[^|]*\|[^|]*\|[^|]*\|$/gm)].map(([, name]) => name)
  expect(told.sort()).toEqual([...POLICY_NAMES].sort())
})
