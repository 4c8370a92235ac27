import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pick } from './config.ts'
import { resolveConfig } from './resolve-config.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'warpline-config-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const file = (name: string, content: string) => writeFile(join(cwd, name), content)

interface Wrong {
  given?: Record<string, unknown>
  env?: Record<string, string>
  files?: Record<string, string>
}

const WRONG: readonly Wrong[] = [
  { given: { port: 'http' } },
  { env: { WARPLINE_TOP_P: '2' } },
  { env: { WARPLINE_PREFIX_CACHING: 'no' } },
  // Though the option beats it.
  { given: { port: '1' }, files: { 'warpline.config.json': '{"port": "http"}' } },
  { files: { 'warpline.config.json': '{"max-token": 5}' } },
  { files: { 'warpline.config.yaml': 'banana: 5' } },
  { files: { 'warpline.config.json': '{port: 1}' } },
  { files: { 'warpline.config.yaml': 'port: [1' } },
  { files: { 'warpline.config.json': '[1]' } },
  { files: { 'warpline.config.json': '{}', 'warpline.config.yaml': '' } },
  { env: { WARPLINE_CONFIG: 'gone.json' } },
]

describe('resolveConfig', () => {
  it('fills in the defaults, and nothing else', async () => {
    expect(await resolveConfig({}, undefined, { env: {}, cwd })).toMatchInlineSnapshot(`
      {
        "ablate": false,
        "answerLengths": [
          128,
        ],
        "batchInvariant": false,
        "batches": [
          1,
          8,
          32,
        ],
        "calibrate": true,
        "ceilings": true,
        "cudaWork": 5000,
        "depth": 0,
        "depths": [
          0,
        ],
        "drainTimeout": 30,
        "failover": true,
        "folder": "matrix",
        "force": false,
        "format": "table",
        "heartbeatTimeout": 5,
        "host": "127.0.0.1",
        "ignoreEos": false,
        "inflight": 8,
        "insecure": false,
        "json": false,
        "logFormat": "text",
        "logLevel": "info",
        "nsys": false,
        "nvtx": false,
        "onEngineFailure": "stay",
        "policy": "power-of-two",
        "port": 8090,
        "prefixCaching": true,
        "promptLengths": [
          512,
          2048,
        ],
        "queueTime": 10,
        "queueTokens": 1048576,
        "quiet": false,
        "raw": false,
        "repeat": 3,
        "replaySpeed": 1,
        "reroutes": 2,
        "resume": false,
        "retries": 2,
        "schedule": "pull",
        "send": "auto",
        "steps": 20,
        "streaming": true,
        "writeTimeout": 30,
      }
    `)
  })

  it.each([
    [{ port: '1' }, { WARPLINE_PORT: '2' }, 1],
    [{}, { WARPLINE_PORT: '2' }, 2],
    [{}, { WARPLINE_PORT: '' }, 3],
    [{}, {}, 3],
  ])('options beat variables, variables beat the file: %o %o', async (given, env, port) => {
    await file('warpline.config.json', '{"port": 3}')
    expect(await resolveConfig(given, undefined, { env, cwd })).toMatchObject({ port })
  })

  it('reads YAML', async () => {
    await file('warpline.config.yaml', 'maxTokens: 7\nstop: [a, b]\nkvMemory: 1GiB\nprefixCaching: false\n')
    expect(await resolveConfig({}, undefined, { env: {}, cwd })).toMatchObject({
      maxTokens: 7,
      stop: ['a', 'b'],
      kvMemory: 2 ** 30,
      prefixCaching: false,
    })
  })

  it('takes another file by option or variable', async () => {
    await file('mine.json', '{"port": 4}')
    await file('warpline.config.json', '{"port": 3}')
    expect(await resolveConfig({}, 'mine.json', { env: {}, cwd })).toMatchObject({ port: 4 })
    expect(await resolveConfig({}, undefined, { env: { WARPLINE_CONFIG: 'mine.json' }, cwd })).toMatchObject({
      port: 4,
    })
  })

  it('refuses what it cannot understand, naming the place', async () => {
    const said: string[] = []
    for (const { given = {}, env = {}, files = {} } of WRONG) {
      for (const [name, content] of Object.entries(files)) await file(name, content)
      said.push(
        await resolveConfig(given, undefined, { env, cwd }).then(
          () => 'accepted',
          (error: Error) => error.message,
        ),
      )
      for (const name of Object.keys(files)) await rm(join(cwd, name))
    }
    // What JSON.parse says differs between versions of Node.
    expect(said.join('\n').replace(/Expected property name.*/, '…')).toMatchInlineSnapshot(`
      "--port: expected a whole number from 0 to 65535, not "http"
      WARPLINE_TOP_P: expected a number above 0 and up to 1, not "2"
      WARPLINE_PREFIX_CACHING: expected true or false, not "no"
      warpline.config.json: port: expected a whole number from 0 to 65535, not "http"
      warpline.config.json: unknown option "max-token" (did you mean "maxTokens"?)
      warpline.config.yaml: unknown option "banana"
      warpline.config.json: …
      warpline.config.yaml: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 9
      warpline.config.json: expected an object of options, such as {"port": 8090}
      both warpline.config.json and warpline.config.yaml are here: keep one of them
      the config file gone.json does not exist"
    `)
  })
})

it('picks what was chosen alone', async () => {
  const config = await resolveConfig({ seed: '5' }, undefined, { env: {}, cwd })
  expect(pick(config, ['seed', 'topK', 'port'])).toEqual({ seed: 5, port: 8090 })
})
