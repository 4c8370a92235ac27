import type { Cell } from './cell.ts'
import { MatrixFileError } from './matrix-file-error.ts'

/** `{model}` and the like in a text replaced by what the cell says. @throws MatrixFileError for a word that is none */
export function fill(template: string, cell: Cell, port: number | undefined): string {
  const words: Readonly<Record<string, string | number | undefined>> = { ...cell, port }
  return template.replace(/\{(\w+)\}/g, (_, word: string) => {
    const value = Object.hasOwn(words, word) ? words[word] : undefined
    if (value !== undefined) return String(value)
    const known = Object.keys(words).filter(each => words[each] !== undefined)
    throw new MatrixFileError(`"{${word}}" in "${template}" stands for nothing: there are {${known.join('}, {')}}`)
  })
}
