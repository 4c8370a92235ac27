import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readRoutingTable } from './routing-table.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'warpline-routes-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

const read = (text: string) => {
  writeFileSync(join(cwd, 'routes.yaml'), text)
  return readRoutingTable({ routes: 'routes.yaml' }, { cwd })
}

it('is none where nothing is said', async () => {
  expect(await readRoutingTable({}, { cwd })).toBeUndefined()
})

it('takes addresses with and without names', async () => {
  const upstream = ['http://one:8090/?a=b', 'two=http://two:8090', 'mock:?ttft=1ms']
  expect(await readRoutingTable({ upstream }, { cwd })).toEqual({
    upstreams: [{ url: 'http://one:8090/?a=b' }, { name: 'two', url: 'http://two:8090' }, { url: 'mock:?ttft=1ms' }],
  })
})

it('reads a file, in which an upstream of a model may be its name alone', async () => {
  const table = await read(`
upstreams:
  - {url: 'http://one:8090', name: one, weight: 2, model: big, apiKeyFile: key.txt, maxInFlight: 8}
  - url: http://two:8090
models:
  - {name: chat, aliases: [gpt], upstreams: [one, {name: 'two:8090', weight: 0.5}], fallbacks: [small]}
  - {name: small, upstreams: ['two:8090']}
`)
  expect(table).toEqual({
    upstreams: [
      { url: 'http://one:8090', name: 'one', weight: 2, model: 'big', apiKeyFile: 'key.txt', maxInFlight: 8 },
      { url: 'http://two:8090' },
    ],
    models: [
      {
        name: 'chat',
        aliases: ['gpt'],
        upstreams: [{ name: 'one' }, { name: 'two:8090', weight: 0.5 }],
        fallbacks: ['small'],
      },
      { name: 'small', upstreams: [{ name: 'two:8090' }] },
    ],
  })
})

it.each([
  ['upstreams: [', 'routes.yaml: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ['{}', 'routes.yaml.upstreams: Invalid input: expected array, received undefined'],
  ['upstreams: []', 'routes.yaml.upstreams: Too small: expected array to have >=1 items'],
  ['upstreams: [{url: "mock:", wieght: 2}]', 'routes.yaml.upstreams[0]: Unrecognized key: "wieght"'],
  ['upstreams: [{url: "mock:", weight: 0}]', 'routes.yaml.upstreams[0].weight: Too small: expected number to be >0'],
])('says where %j is wrong', async (text, message) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(message) })
})

it('says that the file is not there', async () => {
  await expect(readRoutingTable({ routes: 'none.yaml' }, { cwd })).rejects.toThrow(
    '--routes: none.yaml cannot be read (ENOENT)',
  )
})
