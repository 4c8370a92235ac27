import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { BYTE_TO_CHAR as BYTES } from './byte-alphabet.ts'

/** What `tools/parity` wrote: see its README. */
export const FIXTURES = join(import.meta.dirname, '../../../test/fixtures')
export const TOKENIZERS: readonly string[] = readdirSync(join(FIXTURES, 'tokenizers'))

export interface Expected {
  readonly bosId: number | null
  readonly eosId: number | null
  readonly vocabSize: number
  readonly special: readonly number[]
  readonly strings: readonly (Decoded & {
    readonly text: string
    readonly bare?: number[]
    readonly literal?: number[]
  })[]
  readonly ids: readonly Decoded[]
  readonly chats: Readonly<Record<string, ExpectedChat>>
}

interface Decoded {
  readonly ids: number[]
  readonly decoded: string
  readonly skipped?: string
}

export interface ExpectedChat {
  readonly messages: { role: string; content: string }[]
  readonly addGenerationPrompt: boolean
  readonly variables: Record<string, unknown>
  readonly text?: string
  readonly ids?: number[]
  readonly error?: string
}

export function fixture(name: string): string {
  return join(FIXTURES, 'tokenizers', name)
}

export function expected(name: string): Expected {
  return JSON.parse(readFileSync(join(fixture(name), 'expected.json'), 'utf8')) as Expected
}

/** A folder with these files, gone at the end of the `using` block; what is no string is written as JSON. */
export function folder(files: Readonly<Record<string, unknown>>): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'warpline-'))
  mkdirSync(path, { recursive: true })
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(path, name), typeof content === 'string' ? content : JSON.stringify(content))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** A byte-level BPE without merges: id b is byte b. */
export function bytesOnly(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const vocab = Object.fromEntries(BYTES.map((char, byte) => [char, byte]))
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab, merges: [] },
    ...more,
  }
}
