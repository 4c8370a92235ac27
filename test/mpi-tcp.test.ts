import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startTcp } from './mpi/tcp-ranks.ts'
import { cli, type Process } from './process.ts'

async function behaviour(name: string, size: number): Promise<Process[]> {
  const ranks = await startTcp(size, ['--import', 'tsx', 'test/mpi/tcp.process.ts', name])
  onTestFinished(async () => {
    await Promise.all(ranks.map(rank => rank[Symbol.asyncDispose]()))
  })
  return ranks
}

const endings = (ranks: readonly Process[]) => Promise.all(ranks.map(({ ended }) => ended))

describe('ranks over TCP', () => {
  it.each([2, 3])('keep the contract as %i processes', async size => {
    const ended = await endings(await behaviour('conformance', size))
    expect(ended.map(({ stdout, stderr }) => stdout + stderr)).toEqual(
      Array.from({ length: size }, (_, rank) => `rank ${rank} of ${size}: all cases\n`),
    )
    expect(ended.map(({ code }) => code)).toEqual(Array(size).fill(0))
  })

  it('go on where one is killed, and know that it is lost', async () => {
    const ranks = await behaviour('loss', 3)
    await ranks[2]!.seen('ready')
    ranks[2]!.child.kill('SIGKILL')
    const [first, second] = await endings(ranks)
    expect([first!.stdout, second!.stdout]).toEqual(['rank 0: lost lost, still here\n', 'rank 1: lost lost\n'])
    expect([first!.code, second!.code]).toEqual([0, 0])
  })

  it('end together by abort, with its code', async () => {
    const ended = await endings(await behaviour('abort', 3))
    expect(ended.map(({ code }) => code)).toEqual([42, 42, 42])
  })

  it('may leave where another stands still', async () => {
    const [first] = await behaviour('alone', 2)
    const { code, stdout } = await first!.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'left alone: lost\n' })
  })

  it('dispatch prompts as ranks of MPI do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'warpline-tcp-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const [prompts, output] = [join(folder, 'prompts.txt'), join(folder, 'results.jsonl')]
    await writeFile(prompts, 'one\ntwo\nthree\nfour\nfive\n')
    const target = 'mock:?ttft=1ms&itl=1ms&tokens=4'
    const ranks = await startTcp(3, [cli, 'dispatch', '--prompts', prompts, '--target', target, '--output', output])
    const ended = await endings(ranks)
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
    const results = (await readFile(output, 'utf8')).trim().split('\n')
    expect(results.map(line => JSON.parse(line)).map(({ index, ok }) => [index, ok])).toEqual(
      Array.from({ length: 5 }, (_, index) => [index, true]),
    )
  })
})
