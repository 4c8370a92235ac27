import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { type Engine, InvalidRequestError } from '../../engine/index.ts'
import { translated } from '../answers/asked.ts'
import { toldContext } from '../answers/told-context.ts'
import { chatFields, chatInputOf } from '../fields/chat-input.ts'
import { flag, text } from '../fields/field-types.ts'
import { messagesField } from '../fields/messages.ts'
import { encodeMixed, type MixedText } from '../fields/mixed-text.ts'
import { TOKENIZE_UNSUPPORTED } from '../fields/unsupported.ts'
import { tokenizeReply } from '../replies/tokens.ts'
import { bodyRoute } from './route.ts'

/**
 * Nothing else is done meanwhile: English of this length takes 0.1 s, the worst of texts half a second. A longer context
 * takes longer texts: four characters a token.
 */
const MAX_CHARACTERS = 2 ** 18

const schema = z.looseObject({
  content: z
    .unknown()
    .optional()
    .meta({
      description: 'llama.cpp’s name: a text, or texts and token ids in turn.',
      anyOf: [
        { type: 'string', maxLength: MAX_CHARACTERS },
        { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 0 }] } },
        { type: 'null' },
      ],
    }),
  prompt: text.nullish().meta({ description: 'vLLM’s name: a text.', minLength: 1, maxLength: MAX_CHARACTERS }),
  messages: messagesField.nullish().meta({ description: 'A chat, of which the model’s template makes a text.' }),
  chat_template_kwargs: chatFields.chat_template_kwargs,
  add_special: flag.meta({ description: 'Of content: whether a BOS token is added.', default: false }),
  add_special_tokens: flag.meta({
    description:
      'Of prompt and messages: whether a BOS token is added. Default: true of prompt; a template does it itself.',
  }),
  with_pieces: flag.meta({ description: 'Tells beside each id what it stands for.', default: false }),
  return_token_strs: flag.meta({ description: 'Tells what each id stands for in a list of its own.', default: false }),
})

type Fields = z.infer<typeof schema>

export const tokenize = bodyRoute({
  path: '/tokenize',
  scope: 'user',
  group: 'tokens',
  summary: 'Turns a text or a chat into token ids; by the fields of llama.cpp or of vLLM.',
  body: {
    schema,
    unsupported: TOKENIZE_UNSUPPORTED,
    example: { content: 'Once upon a time', with_pieces: true },
  },
  reply: { description: 'The ids.', schema: tokenizeReply },
  async handle(exchange, body) {
    const engine = exchange.host.engine()
    const tokens = await tokensOf(engine, body)
    const pieces = body.with_pieces || body.return_token_strs ? await engine.pieces(tokens) : []
    exchange.json(200, {
      count: tokens.length,
      max_model_len: toldContext(engine.info),
      tokens: body.with_pieces ? tokens.map((id, i) => ({ id, piece: readable(pieces[i]!) })) : tokens,
      token_strs: body.return_token_strs ? pieces.map(piece => Buffer.from(piece).toString()) : null,
    })
  },
})

async function tokensOf(engine: Engine, body: Fields): Promise<readonly number[]> {
  const { content, prompt, messages, add_special, add_special_tokens: special } = body
  const given = [content, prompt, messages].filter(value => value !== undefined && value !== null)
  if (given.length !== 1)
    throw new InvalidRequestError('content, prompt or messages must be given, one of them', 'content')
  if (messages) {
    const rendered = await translated({ field: 'messages' }, engine.render(chatInputOf({ ...body, messages })))
    return encode(rendered, 'messages', special === true)
  }
  if (typeof prompt === 'string') return encode(prompt, 'prompt', special !== false)
  if (typeof content !== 'string' && !Array.isArray(content))
    throw new InvalidRequestError('content must be a string or a list of strings and token ids', 'content')
  // llama.cpp's clients send empty texts, too.
  return content === '' ? [] : encode(content, 'content', add_special === true)

  function encode(text: MixedText, field: string, addSpecial: boolean) {
    const most = Math.max(MAX_CHARACTERS, 4 * engine.info.contextLength)
    const characters = typeof text === 'string' ? text.length : lengthOf(text)
    if (characters <= most) return encodeMixed(engine, text, field, addSpecial)
    throw new InvalidRequestError(`${field} must have at most ${most} characters, got ${characters}`, field)
  }
}

function lengthOf(parts: readonly unknown[]): number {
  return parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : 1), 0)
}

/** As a text, where it is one. */
function readable(piece: Uint8Array): string | number[] {
  return isUtf8(piece) ? Buffer.from(piece).toString() : [...piece]
}
