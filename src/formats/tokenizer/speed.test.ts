import { describe, expect, it } from 'vitest'
import { loadTokenizer } from './load-tokenizer.ts'
import { fixture, TOKENIZERS } from './testing.ts'

/** The least of a few runs: what else the machine does only ever adds. */
function fastest(run: () => unknown, runs: number): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}

const SENTENCE =
  "A language model reads a text from left to right, and says at each place (it's 1801 here) what may come next.\n"

describe.each(TOKENIZERS)('%s', name => {
  it('encodes 8 KB of English in 3 ms once it is warm', async () => {
    const tokenizer = await loadTokenizer(fixture(name))
    const page = SENTENCE.repeat(80).slice(0, 8192)
    expect(fastest(() => tokenizer.encode(page), 20)).toBeLessThan(3)
  })

  it.each([
    ['one letter', 'a'.repeat(100_000)],
    ['the alphabet', 'abcdefghijklmnopqrstuvwxyz'.repeat(3847)],
    ['spaces', `${' '.repeat(100_000)}x`],
    ['line breaks', '\r\n'.repeat(50_000)],
    ['signs', '=-'.repeat(50_000)],
    ['digits', '1234567890'.repeat(10_000)],
    ['emoji', '🙂'.repeat(25_000)],
    ['characters without a token', '鑫'.repeat(33_000)],
    ['half a special token', '<|'.repeat(50_000)],
  ])('takes no square time over 100 KB of %s', async (_, text) => {
    const tokenizer = await loadTokenizer(fixture(name))
    expect(fastest(() => tokenizer.encode(text), 3)).toBeLessThan(200)
  })
})
