import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli, type Process, run, warpline } from './process.ts'

const QUICK = 'mock:?ttft=1ms&itl=1ms&tokens=8'
/** Minutes of talk. */
const ENDLESS = 'mock:?ttft=1ms&itl=2ms&tokens=1000000&context=2000000'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'warpline-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

const command = (args: readonly string[], options = {}) =>
  run(process.execPath, [cli, ...args], { cwd: folder, ...options })

describe('generate', () => {
  it('puts the answer on standard output and nothing else anywhere', async () => {
    const { code, stdout, stderr } = await command(['generate', QUICK, '-p', 'hello', '--seed', '1'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^( \w+){8}\n$/)
  })

  it('reads the prompt from standard input', async () => {
    const { code, stdout } = await command(['generate', QUICK, '-p', '-', '--json', '--raw'], { input: 'one two\n' })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ usage: { completionTokens: 8 }, finishReason: 'stop' })
  })

  it('streams, and stops at Ctrl-C', async () => {
    await using child = warpline(['generate', ENDLESS, '-p', 'hello'])
    await child.seen(/\w+ \w+/)
    child.child.kill('SIGINT')
    const { code, stdout, stderr } = await child.ended
    expect([code, stderr]).toEqual([130, ''])
    expect(stdout).toMatch(/ \w+\n$/)
  })

  it('ends quietly once nobody reads', async () => {
    const script = `"$0" "$1" generate '${ENDLESS}' -p hello | head -c 20; echo " \${PIPESTATUS[0]}"`
    const { stdout, stderr } = await run('bash', ['-c', script, process.execPath, cli])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/ 0\n$/)
  })
})

describe('configuration', () => {
  const maxTokens = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { stdout } = await command(['generate', QUICK, '-p', 'x', '--json', ...args], { env })
    return JSON.parse(stdout).usage.completionTokens
  }

  it('options beat variables, variables beat the file', async () => {
    await writeFile(join(folder, 'warpline.config.yaml'), 'maxTokens: 3\n')
    expect(await maxTokens([])).toBe(3)
    expect(await maxTokens([], { WARPLINE_MAX_TOKENS: '2' })).toBe(2)
    expect(await maxTokens(['--max-tokens', '1'], { WARPLINE_MAX_TOKENS: '2' })).toBe(1)
    await rm(join(folder, 'warpline.config.yaml'))
  })

  it('takes the target from a variable', async () => {
    const { stdout } = await command(['generate', '-p', 'x', '--json'], { env: { WARPLINE_TARGET: QUICK } })
    expect(JSON.parse(stdout)).toMatchObject({ model: 'mock' })
  })
})

it('what is wrong is said in one line, with an exit code of its own', async () => {
  const said = await Promise.all(
    [['serv'], ['generate', 'no-such-model', '-p', 'x'], ['chat', 'mock:?tempo=1']].map(async args => {
      const { code, stdout, stderr } = await command(args)
      return `${code} ${stdout}${stderr}`
    }),
  )
  expect(said.join('')).toMatchInlineSnapshot(`
    "2 warpline: unknown command 'serv' (did you mean serve?): see warpline --help
    3 warpline: no model "no-such-model": there is no such folder, and the bundled models are ember
    3 warpline: mock: has no setting tempo; known are ttft, itl, perseq, prefill, vocab, context, slots, tokens, seed, cache, model, load, steps, pace, stall
    "
  `)
})

it('doctor gives its findings as JSON', async () => {
  const { stdout } = await command(['doctor', '--json'])
  const { ok, findings } = JSON.parse(stdout)
  expect(typeof ok).toBe('boolean')
  expect(findings.map(({ group }: { group: string }) => group)).toContain('gpu')
})

/** A streamed answer that has begun. */
async function ask(server: Process): Promise<Response> {
  const [, url] = await server.seen(/ready at (\S+)/)
  return await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'mock', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
  })
}

describe('serve', () => {
  it('prints a line that works when pasted, and ends with 0 after SIGTERM', async () => {
    await using server = warpline(['serve', QUICK, '--port', '0', '--model', "the mock's"])
    const [line] = await server.seen(/^curl .*$/m)
    const { code, stdout } = await run('bash', ['-c', line])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ model: "the mock's", choices: [{ finish_reason: 'stop' }] })
    server.child.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0, stdout: '' })
    expect(server.stderr).toMatch(/^\S+ info {2}listening on http:\/\/127\.0\.0\.1:\d+\nready at /)
  })

  it('answers what runs before it ends', async () => {
    await using server = warpline(['serve', 'mock:?ttft=1ms&itl=20ms&tokens=50', '--port', '0'])
    const answer = await ask(server)
    server.child.kill('SIGTERM')
    expect(await answer.text()).toMatch(/data: \[DONE\]\s*$/)
    expect(await server.ended).toMatchObject({ code: 0 })
  })

  it('a second signal ends it at once', async () => {
    await using server = warpline(['serve', ENDLESS, '--port', '0'])
    const answer = await ask(server)
    const reading = answer.text().catch(() => 'cut')
    server.child.kill('SIGINT')
    await server.seen('again to stop at once')
    server.child.kill('SIGINT')
    expect(await server.ended).toMatchObject({ code: 130 })
    expect(await reading).toBe('cut')
  })

  it('listens while it loads, and can be stopped then', async () => {
    await using server = warpline(['serve', 'mock:?load=3600s', '--port', '0'])
    const [, url] = await server.seen(/listening on (\S+)/)
    expect((await fetch(`${url}/v1/models`)).status).toBeGreaterThanOrEqual(200)
    server.child.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0 })
  })

  it('names an address in use before it loads anything', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => holder.once('listening', resolve))
    const { port } = holder.address() as { port: number }
    const { code, stderr } = await command(['serve', 'mock:?load=3600s', '--port', String(port)])
    holder.close()
    expect(`${code} ${stderr.replace(String(port), 'PORT')}`).toMatchInlineSnapshot(`
      "4 warpline: cannot listen on 127.0.0.1: port PORT is taken: choose another, or 0 for any
      "
    `)
  })
})
