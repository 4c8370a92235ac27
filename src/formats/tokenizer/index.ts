export { loadTokenizer } from './load-tokenizer.ts'
export type { DecodeOptions, EncodeOptions, Tokenizer } from './tokenizer.ts'
export { TooManyTokensError } from './too-many-tokens.ts'
