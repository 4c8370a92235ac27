/**
 * GPT-2's printable stand-ins for the 256 bytes: bytes that print as themselves stay, the others move to U+0100 and up.
 * Source: `bytes_to_unicode` in openai/gpt-2, src/encoder.py.
 */
export const BYTE_TO_CHAR: readonly string[] = (() => {
  const prints = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173)
  let moved = 0
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : 256 + moved++))
})()

const CHAR_TO_BYTE: ReadonlyMap<string, number> = new Map(BYTE_TO_CHAR.map((char, byte) => [char, byte]))

const utf8 = new TextEncoder()

/** The bytes that a token in this alphabet stands for; a token with any other character is plain text. */
export function bytesOfByteLevelToken(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = CHAR_TO_BYTE.get(token[i]!)
    if (byte === undefined) return utf8.encode(token)
    bytes[i] = byte
  }
  return bytes
}
