import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { FaultyProxy } from './faulty-proxy.ts'
import { type Process, warpline } from './process.ts'

/** 40 tokens take about 0.2 s: long enough to be broken into. Each of the servers says the same to the same prompt. */
const MOCK = 'mock:?ttft=10ms&itl=5ms&slots=64&tokens=40'
const TOKENS = 40
const STREAMS = 24

interface Server {
  readonly url: string
  readonly process: Process
}

const started: Process[] = []

async function start(...args: readonly string[]): Promise<Server> {
  const process = warpline(['serve', ...args, '--port', '0', '--log-level', 'warn'])
  started.push(process)
  const [url] = await process.seen(/http:\/\/127\.0\.0\.1:\d+/)
  return { url, process }
}

/** Over three servers, the last of which is reached through a proxy. */
async function startRouter(...more: readonly string[]) {
  const servers = await Promise.all([start(MOCK), start(MOCK), start(MOCK)])
  const proxy = await FaultyProxy.before(servers[2]!.url)
  const urls = [servers[0]!.url, servers[1]!.url, proxy.url]
  const router = await start(
    ...urls.flatMap((url, i) => ['--upstream', `u${i}=${url}`]),
    ...['--policy', 'round-robin', '--first-token-timeout', '1s', '--stall-timeout', '1s', '--reroutes', '4'],
    ...more,
  )
  await vi.waitFor(async () => expect(await readyUpstreams(router.url)).toHaveLength(3), 10_000)
  return { servers, proxy, router }
}

/** Those that are there, and are not left alone for failures of theirs. */
async function readyUpstreams(url: string): Promise<readonly string[]> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const those = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!)
  const trusted = those(/^warpline_router_breaker_state\{upstream="([^"]+)"\} 0$/gm)
  return those(/^warpline_router_ready\{upstream="([^"]+)"\} 1$/gm).filter(name => trusted.includes(name))
}

/** One streamed answer; throws where the client would see an error. */
async function stream(url: string, prompt: string, onText = (_: string) => {}): Promise<string> {
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'mock', prompt, temperature: 0, max_tokens: TOKENS, ignore_eos: true, stream: true }),
  })
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  let text = ''
  let rest = ''
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    rest += part
    const frames = rest.split('\n\n')
    rest = frames.pop()!
    for (const frame of frames) {
      if (frame === 'data: [DONE]') return text
      const chunk = JSON.parse(frame.replace(/^data: /, '')) as { error?: unknown; choices: { text: string }[] }
      if (chunk.error) throw new Error(JSON.stringify(chunk.error))
      text += chunk.choices[0]?.text ?? ''
      onText(text)
    }
  }
  throw new Error('the stream ended without [DONE]')
}

const prompts = Array.from({ length: STREAMS }, (_, i) => `prompt number ${i}`)

describe('no client sees an error, and every greedy answer is whole', () => {
  let reference: string[]
  let opened: Awaited<ReturnType<typeof startRouter>>

  beforeAll(async () => {
    const lone = await start(MOCK)
    reference = await Promise.all(prompts.map(prompt => stream(lone.url, prompt)))
    expect(new Set(reference).size).toBe(STREAMS)
    opened = await startRouter()
  })
  afterAll(async () => {
    // First: also where the router did not come up.
    for (const process of started) await process[Symbol.asyncDispose]()
    await opened.proxy[Symbol.asyncDispose]()
  })

  /** All prompts at once; `break` comes when a third of the answers are well under way. */
  async function askAll(whenUnderWay: () => void): Promise<string[]> {
    let begun = 0
    return await Promise.all(
      prompts.map(prompt => {
        let counted = false
        return stream(opened.router.url, prompt, text => {
          if (counted || text.split(' ').length < 8) return
          counted = true
          if (++begun === STREAMS / 3) whenUnderWay()
        })
      }),
    )
  }

  /** Who failed is trusted again once requests succeed there. */
  async function recovered(): Promise<void> {
    await vi.waitFor(async () => {
      await Promise.all(prompts.slice(0, 4).map(prompt => stream(opened.router.url, prompt)))
      expect(await readyUpstreams(opened.router.url)).toHaveLength(3)
    }, 30_000)
  }

  test('nothing is broken', async () => {
    expect(await askAll(() => {})).toEqual(reference)
  })

  test('one of three breaks its answers off within a frame', async () => {
    const { proxy } = opened
    proxy.drop()
    for (const cutAfter of [10, 400, 1500, 3001]) {
      proxy.fault = { cutAfter }
      expect(await askAll(() => {})).toEqual(reference)
    }
    expect(proxy.broken).toBeGreaterThan(3)
    proxy.fault = 'none'
  })

  test('one of three falls silent within its answers', async () => {
    const { proxy } = opened
    await recovered()
    expect(await askAll(() => (proxy.fault = 'silence'))).toEqual(reference)
    proxy.drop()
    proxy.fault = 'none'
  })

  test('one of three flaps', async () => {
    const { proxy } = opened
    const flapping = setInterval(() => {
      proxy.fault = proxy.fault === 'none' ? 'refuse' : 'none'
      if (proxy.fault === 'refuse') proxy.drop()
    }, 60)
    for (let round = 0; round < 4; round++) expect(await askAll(() => {})).toEqual(reference)
    clearInterval(flapping)
    proxy.fault = 'none'
    expect(proxy.broken).toBeGreaterThan(0)
  })

  test('one of three is frozen', async () => {
    await recovered()
    const { pid } = opened.servers[1]!.process.child
    expect(await askAll(() => process.kill(pid!, 'SIGSTOP'))).toEqual(reference)
    process.kill(pid!, 'SIGCONT')
  })

  test('one of three is killed', async () => {
    await recovered()
    const { process } = opened.servers[0]!
    expect(await askAll(() => void process.child.kill('SIGKILL'))).toEqual(reference)
    expect(await askAll(() => {})).toEqual(reference)
    await expect.poll(() => readyUpstreams(opened.router.url), { timeout: 10_000 }).not.toContain('u0')
  })
})
