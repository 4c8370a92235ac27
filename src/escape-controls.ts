/** What could end a line, move a terminal's cursor or reorder text: C0, DEL, C1, line separators, marks of direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** `text` in one harmless line: control characters as `\uXXXX`, which within a JSON string means the same. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
