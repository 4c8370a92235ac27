const decoder = new TextDecoder()

/** UTF-8 to text; U+FFFD stands for what is none. */
export function decodeUtf8(bytes: Uint8Array): string {
  // TextDecoder refuses views of shared memory.
  return decoder.decode(bytes.buffer instanceof SharedArrayBuffer ? bytes.slice() : bytes)
}

/** How many bytes follow a lead byte of UTF-8; 0 for ASCII and for what can't lead. */
function followers(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 3
  if (lead >= 0xe0) return lead <= 0xef ? 2 : 0
  return lead >= 0xc2 ? 1 : 0
}

/** Bytes at the end of `bytes` that begin a character and do not finish it: 0…3. */
export function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    return followers(byte) >= back ? back : 0
  }
  return 0
}
