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
