import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openRouter } from '../../route/index.ts'
import { openTarget } from '../../targets.ts'
import { readRoutingTable } from './routing-table.ts'

it('docs/router.md shows a table that can be read, and makes sense', async () => {
  const page = readFileSync(new URL('../../../docs/router.md', import.meta.url), 'utf8')
  const [, text = ''] = /^```yaml\n(.+?)^```$/ms.exec(page) ?? []
  const cwd = mkdtempSync(join(tmpdir(), 'warpline-routes-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  writeFileSync(join(cwd, 'routes.yaml'), text)
  const table = (await readRoutingTable({ routes: 'routes.yaml' }, { cwd }))!
  await using router = await openRouter({ ...table, open: () => openTarget('mock:') })
  expect(router.info.models).toEqual(['chat', 'small'])
  expect(router.upstreams().map(({ name }) => name)).toEqual(['gpu1', 'gpu2', 'spare'])
})
