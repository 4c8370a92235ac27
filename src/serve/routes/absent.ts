import { UnsupportedError } from '../../engine/index.ts'
import type { Route } from './route.ts'

const NO_EMBEDDINGS = 'the engine generates text and tells no embeddings'
const NO_RERANKING = 'the engine generates text and scores none'
const NO_ADAPTERS = 'there are no adapters'
const NO_SLOT_FILES = 'sequences have no fixed slots, and what they hold is not written to files'

type Absent = readonly [method: Route['method'], path: string, aliases: readonly string[], why: string]

/** What clients may know from elsewhere and what is not here: they are told so, by name, and not that they erred. */
const ABSENT: readonly Absent[] = [
  ['POST', '/v1/embeddings', ['/embeddings', '/embedding'], NO_EMBEDDINGS],
  ['POST', '/v1/rerank', ['/rerank', '/reranking', '/v1/reranking'], NO_RERANKING],
  ['POST', '/v1/responses', ['/responses'], 'use /v1/chat/completions'],
  ['POST', '/v1/messages', [], 'use /v1/chat/completions'],
  ['POST', '/v1/messages/count_tokens', [], 'use /tokenize'],
  ['POST', '/infill', [], 'put prefix and suffix into the prompt of /completion as the model was taught them'],
  ['GET', '/lora-adapters', [], NO_ADAPTERS],
  ['POST', '/lora-adapters', [], NO_ADAPTERS],
  ['POST', '/props', ['/v1/props'], 'the server’s settings are its command’s options'],
  ['POST', '/slots/{id}', [], NO_SLOT_FILES],
]

export const absent: readonly Route[] = ABSENT.map(([method, path, aliases, why]) => ({
  method,
  path,
  aliases,
  scope: 'user',
  group: 'absent',
  whileLoading: true,
  summary: `Not supported: ${why}.`,
  reply: { status: 501, description: 'An error.' },
  handle() {
    throw new UnsupportedError(`${method} ${path} is not supported: ${why}`)
  },
}))
