import { expect, test } from 'vitest'
import { StopFilter } from './stop-filter.ts'

function run(stops: string[], texts: string[], mayStopFrom = 0): string[] {
  const filter = new StopFilter(stops)
  const log: string[] = []
  for (const [id, text] of texts.entries()) {
    const { tokens, text: out, stop } = filter.push({ id, text }, id >= mayStopFrom)
    log.push(`${tokens.map(token => token.id).join()}:${out}`)
    if (stop !== undefined) return [...log, `stop ${stop}`]
  }
  const { tokens, text } = filter.flush()
  return [...log, `${tokens.map(token => token.id).join()}:${text}`]
}

test.each<[string, string[], string[], number, string[]]>([
  ['nothing is held without stop strings', [], ['a', 'b'], 0, ['0:a', '1:b', ':']],
  ['the beginning of a stop string waits', ['abc'], ['xa', 'b', 'd'], 0, [':', ':', '0,1,2:xabd', ':']],
  ['what was held is let go at the end', ['abc'], ['xa', 'b'], 0, [':', ':', '0,1:xab']],
  ['a stop string across tokens is cut out', ['abc'], ['x', 'ya', 'b', 'cd'], 0, ['0:x', ':', ':', '1:y', 'stop abc']],
  ['a stop string within a token', ['b'], ['abc'], 0, ['0:a', 'stop b']],
  ['a stop string that is the output', ['a'], ['a'], 0, [':', 'stop a']],
  ['the first of two', ['c', 'bc'], ['abc'], 0, ['0:a', 'stop bc']],
  ['one that came too early does not count later', ['ab'], ['ab', 'x', 'ab'], 2, ['0:ab', '1:x', ':', 'stop ab']],
])('%s', (_, stops, texts, mayStopFrom, expected) => expect(run(stops, texts, mayStopFrom)).toEqual(expected))
