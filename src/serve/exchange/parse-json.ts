import { RefusedError } from '../errors/errors.ts'

/** A chat nests 5 deep; templates and schemas may add some. What recurses over a body relies on this. */
export const MAX_DEPTH = 64

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws RefusedError */
export function parseJson(bytes: Buffer): unknown {
  if (depthOf(bytes) > MAX_DEPTH) invalid(`nests deeper than ${MAX_DEPTH}`)
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return invalid('is not UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch {
    // What the parser says would quote the body.
    return invalid(text.trim() === '' ? 'is empty' : 'is not valid JSON')
  }
}

/** How deep the brackets nest; JSON.parse itself would take a hundred thousand. Wrong JSON may give any number. */
function depthOf(bytes: Buffer): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return deepest
}

function invalid(complaint: string): never {
  throw new RefusedError('invalid_json', `the body ${complaint}`)
}
