import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createProcessMetrics } from '../../telemetry/index.ts'
import { ENGINE_FAMILIES } from './engine-families.ts'
import { LLAMACPP_FAMILIES } from './llamacpp-families.ts'
import { SERVER_FAMILIES } from './server-families.ts'
import { VLLM_FAMILIES } from './vllm-families.ts'

test('docs/operations.md lists every family as the tables have it', async () => {
  const page = await readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  const ours = [VLLM_FAMILIES, LLAMACPP_FAMILIES, ENGINE_FAMILIES, SERVER_FAMILIES].flat()
  using own = createProcessMetrics()
  const families = [...ours, ...own.families.map(family => ({ ...family, labels: [] }))]
  const rows = families.map(({ name, type, labels, help }) => {
    const told = labels.map(label => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${told} | ${help} |`
  })
  const isRow = (line: string) => /^\| `\S+` \| (counter|gauge|histogram) \|/.test(line)
  expect(page.split('\n').filter(isRow)).toEqual(rows)
})
