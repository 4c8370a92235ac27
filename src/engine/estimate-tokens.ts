import type { Input } from './request.ts'

/** Of English text in the vocabularies of today's models, by their makers; code and other scripts have fewer. */
const BYTES_PER_TOKEN = 4
/** What a chat template sets about a message: its role and two or three special tokens. */
const TOKENS_PER_MESSAGE = 4

/** About how many tokens a prompt has, where its tokenizer is not at hand: to weigh it, not to refuse it. At least 1. */
export function estimateTokens(input: Input): number {
  if ('tokens' in input) return Math.max(1, input.tokens.length)
  if ('text' in input) return ofText(input.text)
  return input.messages.reduce((sum, { content }) => sum + TOKENS_PER_MESSAGE + ofText(content), 0)
}

function ofText(text: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN))
}
