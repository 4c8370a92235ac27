import type { Vocabulary } from '../choice.ts'
import { buildTokenTable } from '../output/token-table.ts'

/** Token 0 ends; token i is one letter or, from 27 on, two. */
export const LETTERS = 64

const END = 0

/** A vocabulary of {@link LETTERS} tokens for tests. */
export function letterVocabulary(): Vocabulary {
  const text = (id: number) => (id <= 26 ? letter(id) : letter(1 + (id % 26)) + letter(1 + (id % 7)))
  const table = buildTokenTable({
    vocabSize: LETTERS,
    tokenBytes: id => new TextEncoder().encode(id === END ? '<end>' : text(id)),
    isSpecial: id => id === END,
  })
  return { table, endIds: new Set([END]) }
}

function letter(index: number): string {
  return String.fromCharCode(96 + index)
}
