import { BLOCK_SIZE } from '../device/device.ts'

/** Mixes 32 bits into a running hash: the body of MurmurHash3 (Appleby, public domain). */
function mix(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  const h = hash ^ Math.imul(k, 0x1b873593)
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

/** What a prompt's chain of blocks begins with. */
export function saltHash(salt: string): number {
  let hash = 0
  for (let i = 0; i < salt.length; i++) hash = mix(hash, salt.charCodeAt(i))
  return hash
}

/** Of the block `tokens[start … start + BLOCK_SIZE)` after one whose hash is `parent`, or a salt's. */
export function blockHash(parent: number, tokens: readonly number[], start: number): number {
  let hash = parent
  for (let i = start; i < start + BLOCK_SIZE; i++) hash = mix(hash, tokens[i]!)
  return hash
}

/**
 * The chained hashes of a prompt's full blocks, as the prefix index knows them: equal beginnings have equal hashes under
 * equal salts. 32 bits, signed.
 *
 * @example
 * blockHashes(prompt, '').length // Math.floor(prompt.length / BLOCK_SIZE)
 */
export function blockHashes(tokens: readonly number[], salt: string): number[] {
  const hashes: number[] = []
  let hash = saltHash(salt)
  for (let start = 0; start + BLOCK_SIZE <= tokens.length; start += BLOCK_SIZE) {
    hash = blockHash(hash, tokens, start)
    hashes.push(hash)
  }
  return hashes
}
