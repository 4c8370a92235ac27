import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Tokenizer } from '@huggingface/tokenizers'
import { loadTokenizer } from '../../src/formats/index.ts'

const MODEL = fileURLToPath(new URL('../../models/ember/', import.meta.url))
const BYTES = 8192
const ROUNDS = 20

/** Milliseconds for 8 KiB of this project's own English, ours and the library's: medians after one warm-up. */
export async function tokenizerRate(): Promise<{ ours: number; library: number }> {
  const text = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8')
    .repeat(4)
    .slice(0, BYTES)
  const json = (name: string) => JSON.parse(readFileSync(`${MODEL}${name}`, 'utf8')) as object
  const library = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'))
  const ours = await loadTokenizer(MODEL)
  return { ours: time(() => ours.encode(text)), library: time(() => library.encode(text)) }
}

function time(work: () => unknown): number {
  work()
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return times.toSorted((a, b) => a - b)[ROUNDS / 2]!
}
