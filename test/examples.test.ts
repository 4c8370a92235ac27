import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Ended, root, run } from './process.ts'

function example(name: string): Promise<Ended> {
  return run(process.execPath, ['--import', 'tsx', join(root, 'examples', name)])
}

it.each(['basic.ts', 'openai-client.ts', 'streaming-fetch.ts'])('%s answers', async name => {
  const { code, stdout, stderr } = await example(name)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/Warpline/)
})

it('metrics.ts tells how the server is doing', async () => {
  const { code, stdout, stderr } = await example('metrics.ts')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(
    /^0 running, 0 waiting, [1-9]\d* tok\/s, TTFT p99 <= [\d.]+ ms, ITL p99 <= [\d.]+ ms, 0 refused\n$/,
  )
})

it('batch.ts answers in order', async () => {
  const { code, stdout, stderr } = await example('batch.ts')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.match(/^\S.*\?$/gm)).toEqual([
    'What is Warpline?',
    'Who are you?',
    'What is a prefix cache?',
    'What is TTFT?',
  ])
  expect(stdout).toMatch(/^\d+ tokens in [\d.]+ s: \d+ tok\/s$/m)
})

it('measure.ts tells what users feel', async () => {
  const { code, stdout, stderr } = await example('measure.ts')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^100 of 100 answered, TTFT p50 [\d.]+ ms\n\d+ tok\/s\n$/)
})

it('router.ts sends prompts to each engine in turn, and to none that is gone', async () => {
  const { code, stdout, stderr } = await example('router.ts')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.match(/^\w+(?=: )/gm)).toEqual(['one', 'two', 'one', 'two', 'two', 'two'])
  expect(stdout).toMatch(/^two is ready: 4 requests, 32 tokens\n$/m)
  expect(stdout).not.toMatch(/^one is/m)
})

it('mpi.ts speaks to itself where nobody else is there', async () => {
  const { code, stdout, stderr } = await example('mpi.ts')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^rank 0 of 1 on \S+, by in process\nrank 0 was told "hello, 0" by rank 0\n1 \+ … \+ 1 = 1\n$/)
})

it('cuda-kernel.ts computes, or says in one line what is missing', async () => {
  const { code, stdout, stderr } = await example('cuda-kernel.ts')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(
    /: 2 × 3 \+ 1 = 7, everywhere\n.* GB\/s\n$|^(CUDA driver library|NVRTC) .* is not found: .*\n$|^the CUDA driver .*\n$/,
  )
})
