import type { Input } from '../engine/index.ts'
import { blockHashes } from '../native/index.ts'

/** Of a prompt whose vocabulary is not known: as much of it as makes about 256 tokens. */
const BEGINNING_BYTES = 1024

/** The hashes of a prompt's full blocks, as an engine of ours hashes them. */
export function blocksOf(tokens: readonly number[], salt: string): readonly number[] {
  return blockHashes(tokens, salt)
}

/**
 * One hash of how a prompt begins, for a vocabulary that is not known. Roles and contents of all messages count, in order:
 * by the first message alone, all that share a system prompt would be one.
 *
 * @example
 * blocksOfText({ text: 'Once upon a time' }, '') // one number; none for ids, which have blocks of their own
 */
export function blocksOfText(input: Input, salt: string): readonly number[] {
  if ('tokens' in input) return blocksOf(input.tokens, salt)
  return [hashOfBytes(beginningOf(input), salt)]
}

/** At most `BEGINNING_BYTES` characters, so at least as many bytes of whatever there is more of. */
function beginningOf(input: Exclude<Input, { readonly tokens: readonly number[] }>): string {
  if ('text' in input) return input.text.slice(0, BEGINNING_BYTES)
  let text = ''
  for (const { role, content } of input.messages) {
    if (text.length >= BEGINNING_BYTES) break
    text += `${role}: ${content.slice(0, BEGINNING_BYTES)}\n`
  }
  return text
}

/** FNV-1a, of the salt and then of the bytes. */
function hashOfBytes(text: string, salt: string): number {
  const bytes = Buffer.from(text).subarray(0, BEGINNING_BYTES)
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(`${salt}\0`)) hash = Math.imul(hash ^ byte, 0x01000193)
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash
}
