import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Process, root, run } from './process.ts'

const QUESTION = 'What is Warpline?'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'warpline-newcomer-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What a newcomer does in `cwd`, be it a clone or a folder that the package was installed in. */
function firstSteps(cwd: () => string, start: readonly string[]): void {
  it('serves; the printed line, pasted, answers; SIGTERM ends it', async () => {
    const [command = '', ...args] = start
    await using server = new Process(command, [...args, '--port', '0'], { cwd: cwd() })
    const [line] = await server.seen(/^curl .*$/m)
    const { code, stdout } = await run('bash', ['-c', line], { cwd: cwd() })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).choices[0].message.content).toMatch(/Warpline/)
    server.child.kill('SIGTERM')
    await server.seen('stopping')
    await server.ended
    await expect(fetch(line.split(' ')[1]!)).rejects.toThrow()
  })

  it('chats', async () => {
    const { code, stdout } = await run('npx', ['warpline', 'chat'], { cwd: cwd(), input: `${QUESTION}\n` })
    expect(code).toBe(0)
    expect(stdout).toMatch(/Warpline/)
  })

  it('generates', async () => {
    const { code, stdout } = await run('npx', ['warpline', 'generate', '-p', QUESTION], { cwd: cwd() })
    expect(code).toBe(0)
    expect(stdout).toMatch(/Warpline/)
  })

  it('is healthy', async () => {
    const { code, stdout } = await run('npx', ['warpline', 'doctor', '--json'], { cwd: cwd() })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true })
  })
}

describe('from a clone', () => {
  const clone = () => join(folder, 'clone')
  beforeAll(async () => {
    expect(await run('git', ['clone', '--quiet', root, clone()])).toMatchObject({ code: 0 })
  })

  firstSteps(clone, ['npm', 'start', '--'])

  it('builds what changed, and leaves nothing of a source that is gone', async () => {
    const build = async () => {
      expect(await run('npm', ['run', 'build'], { cwd: clone() })).toMatchObject({ code: 0 })
      return existsSync(join(clone(), 'dist/passing.js'))
    }
    await writeFile(join(clone(), 'src/passing.ts'), 'export const passing = true\n')
    expect(await build()).toBe(true)
    await rm(join(clone(), 'src/passing.ts'))
    expect(await build()).toBe(false)
  })

  it('leaves nothing in the working tree that git would see', async () => {
    expect((await run('git', ['status', '--porcelain'], { cwd: clone() })).stdout).toBe('')
  })
})

describe('from the package', () => {
  const home = () => join(folder, 'home')
  beforeAll(async () => {
    const packed = await run('npm', ['pack', '--pack-destination', folder])
    expect(packed.code, packed.stderr).toBe(0)
    const tarball = (await readdir(folder)).find(name => name.endsWith('.tgz'))!
    expect(await run('mkdir', [home()])).toMatchObject({ code: 0 })
    const installed = await run(
      'npm',
      ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)],
      {
        cwd: home(),
      },
    )
    expect(installed.code, installed.stderr).toBe(0)
  })

  firstSteps(home, ['npx', 'warpline', 'serve'])
})
