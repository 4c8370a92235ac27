import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EXIT } from './exit.ts'
import { main } from './main.ts'
import { type TestWorld, testWorld } from './testing/test-world.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-routes-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** `warpline serve` with these options until `use` is done with it. */
async function serving(args: readonly string[], use: (url: string, world: TestWorld) => Promise<void>): Promise<void> {
  const world = testWorld()
  const code = main(['serve', '--port', '0', ...args], world)
  await Promise.race([world.seen('ready at'), code])
  try {
    await use(/ready at (\S+)/.exec(world.err())![1]!, world)
  } finally {
    world.signal('SIGTERM')
    expect(await code).toBe(EXIT.ok)
  }
}

async function answeredBy(url: string, upstream?: string): Promise<string | null> {
  const answer = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(upstream && { 'X-Warpline-Upstream': upstream }) },
    body: JSON.stringify({ prompt: 'a', max_tokens: 1 }),
  })
  return answer.status === 200 ? answer.headers.get('X-Warpline-Upstream') : String(answer.status)
}

it('spreads requests over all that it was told of, and tells who answered', async () => {
  const upstreams = ['--upstream', 'one=mock:', '--upstream', 'two=mock:', '--policy', 'round-robin']
  await serving(upstreams, async url => {
    await expect.poll(() => answeredBy(url, 'two')).toBe('two')
    const seen = [await answeredBy(url), await answeredBy(url)]
    expect(seen.sort()).toEqual(['one', 'two'])
    expect(await answeredBy(url, 'three')).toBe('400')
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('warpline_router_requests_total{upstream="one",')
  })
})

it('reads the table again at SIGHUP; what cannot be read leaves all as it was', async () => {
  const file = join(folder, 'routes.yaml')
  writeFileSync(file, 'upstreams: [{url: "mock:", name: one}]')
  await serving(['--routes', file], async (url, world) => {
    expect(await answeredBy(url)).toBe('one')
    writeFileSync(file, 'upstreams: [{url: "mock:?seed=2", name: two}]')
    world.reload()
    await expect.poll(() => answeredBy(url)).toBe('two')
    writeFileSync(file, 'upstreams: 7')
    world.reload()
    await world.seen('nothing was reloaded')
    expect(await answeredBy(url)).toBe('two')
  })
})

it('serves a target or upstreams, not both', async () => {
  const world = testWorld()
  expect(await main(['serve', 'mock:', '--upstream', 'mock:'], world)).toBe(EXIT.usage)
  expect(world.err()).toContain('a TARGET and --upstream or --routes exclude each other')
})
