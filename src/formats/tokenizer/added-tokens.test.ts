import { describe, expect, it } from 'vitest'
import { loadTokenizer } from './load-tokenizer.ts'
import { bytesOnly, folder } from './testing.ts'

const FLAGS = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false }
const added_tokens = [
  { ...FLAGS, id: 256, content: '<l>', lstrip: true },
  { ...FLAGS, id: 257, content: '<r>', rstrip: true },
  { ...FLAGS, id: 258, content: '<w>', single_word: true },
  { ...FLAGS, id: 259, content: 'ab' },
  { ...FLAGS, id: 260, content: 'abc' },
  { ...FLAGS, id: 261, content: 'word', single_word: true },
  { ...FLAGS, id: 262, content: '<s>', special: true },
  { ...FLAGS, id: 263, content: '<s>x', special: true },
]

describe('added tokens', () => {
  // A token is shown as [id − 256], text as it is; computed with tokenizers 0.23.2.
  it.each([
    ['a <l> b', 'a[0] b'],
    ['a  <l><l> b', 'a[0][0] b'],
    [' <l>', '[0]'],
    ['a <r>  b', 'a [1]b'],
    ['a <r>\n\t<l> b', 'a [1][0] b'],
    ['<r> <r>', '[1][1]'],
    ['a<w>b', 'a<w>b'],
    ['a <w> b', 'a [2] b'],
    ['<w>', '[2]'],
    ['é<w>', 'é<w>'],
    ['-<w>-', '-[2]-'],
    ['_<w>', '_<w>'],
    ['abcd', '[4]d'],
    ['aabab', 'a[3][3]'],
    ['xabcab', 'x[4][3]'],
    ['word sword words word', '[5] sword words [5]'],
    ['a\u0301word', 'a\u0301word'],
    ['word\u200d', 'word\u200d'],
    ['<s>x<s>y<s', '[7][6]y<s', '<s>x<s>y<s'],
    ['𝔘word', '𝔘word'],
    ['word𝔘', 'word𝔘'],
  ])('in %j are found as %j', async (text, found, literal = found) => {
    using directory = folder({ 'tokenizer.json': bytesOnly({ added_tokens }) })
    const tokenizer = await loadTokenizer(directory.path)
    const show = (ids: readonly number[]) =>
      Buffer.concat(ids.map(id => (id < 256 ? tokenizer.tokenBytes(id) : Buffer.from(`[${id - 256}]`)))).toString()
    expect(show(tokenizer.encode(text))).toBe(found)
    expect(show(tokenizer.encode(text, { parseSpecial: false }))).toBe(literal)
  })
})
