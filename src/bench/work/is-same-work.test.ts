import { expect, test } from 'vitest'
import type { FileSpec } from './file-work.ts'
import { isSameWork } from './is-same-work.ts'
import type { SyntheticSpec } from './synthetic-work.ts'
import type { WorkSpec } from './work.ts'

const random: SyntheticSpec = {
  kind: 'synthetic',
  prompt: { kind: 'fixed', tokens: 8 },
  output: { kind: 'fixed', tokens: 4 },
  as: 'text',
}
const file: FileSpec = { kind: 'file', path: 'a.txt' }

const CASES: readonly (readonly [what: string, one: WorkSpec, other: WorkSpec, same: boolean])[] = [
  ['other words', { ...random, variant: 1 }, { ...random, variant: 2 }, true],
  ['words of their own', random, { ...random, variant: 2 }, true],
  ['other lengths', random, { ...random, prompt: random.output }, false],
  ['sent otherwise', random, { ...random, as: 'chat' }, false],
  ['one file', file, { ...file }, true],
  ['two files', file, { ...file, path: 'b.txt' }, false],
  ['a file and none', file, random, false],
]

test.each(CASES)('%s', (_, one, other, same) => {
  expect(isSameWork(one, other)).toBe(same)
})
