import { escapeControls } from '../escape-controls.ts'

const LONGEST = 80

/** Text from an untrusted file as it may stand in an error message: quoted, in one line, at most 80 characters of it. */
export function quote(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return escapeControls(JSON.stringify(shown))
}
