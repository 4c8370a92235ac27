import { describe, expect, it, onTestFinished } from 'vitest'
import { startTcp } from './mpi/tcp-ranks.ts'
import type { Process } from './process.ts'

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
})
