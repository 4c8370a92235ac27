import { styleText } from 'node:util'
import type { Output, World } from './world.ts'

export type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Colours for `output`: none unless it is a terminal, and none at all under NO_COLOR or TERM=dumb. */
export function styleFor(output: Output, env: World['env']): (format: Format, text: string) => string {
  const plain = !output.isTTY || Boolean(env.NO_COLOR) || env.TERM === 'dumb'
  return plain ? (_, text) => text : (format, text) => styleText(format, text, { validateStream: false })
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** What a model says must not move a reader's cursor: on a terminal, control characters but line feeds and tabs go. */
export function harmless(text: string, output: Output): string {
  return output.isTTY ? text.replace(CONTROLS, '') : text
}
