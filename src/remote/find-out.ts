import { type EngineInfo, OverloadedError, UNKNOWN_CONTEXT } from '../engine/index.ts'
import type { Connection } from './connection.ts'
import { DIALECTS, type Dialect, type DialectName } from './dialect.ts'
import { errorOfReply } from './error-of.ts'
import { countIn, headerOf, isObject, type Json, jsonOf, objectIn, type Reply, textIn } from './reply.ts'
import { unreachable } from './unreachable.ts'

/** For each question; whoever takes longer is taken not to know. */
const PATIENCE_MS = 5000

/** Of a server that does not say how many it runs at once: vLLM's default. */
const USUAL_SEQUENCES = 256

export interface FoundOut {
  readonly dialect: Dialect
  readonly info: EngineInfo
}

/** Questions that one kind of server or another answers; for all others "no such route" is the answer. */
const QUESTIONS = {
  models: '/v1/models',
  props: '/props',
  version: '/version',
  info: '/info',
  ollama: '/api/version',
  sglang: '/get_model_info',
} as const

type Answers = { readonly [K in keyof typeof QUESTIONS]: Json | undefined }

/** What gives each kind of server away, the surest first. */
const SIGNS: readonly (readonly [DialectName, (said: Answers, model: Json | undefined, server: string) => boolean])[] =
  [
    ['warpline', (_said, model) => model?.owned_by === 'warpline'],
    [
      'llama.cpp',
      ({ props }, model, server) => model?.owned_by === 'llamacpp' || server === 'llama.cpp' || isLlama(props),
    ],
    ['vllm', (_said, model) => model?.owned_by === 'vllm'],
    ['sglang', ({ sglang }, model) => model?.owned_by === 'sglang' || textIn(sglang, 'model_path') !== undefined],
    ['ollama', ({ ollama }) => textIn(ollama, 'version') !== undefined],
    ['tgi', ({ info }) => textIn(info, 'model_id') !== undefined],
    ['vllm', ({ version }, model) => textIn(version, 'version') !== undefined && model?.max_model_len !== undefined],
  ]

function isLlama(props: Json | undefined): boolean {
  return objectIn(props, 'default_generation_settings') !== undefined
}

/**
 * Finds out what kind of server answers and what it tells of its model; one that says nothing is taken at its word to be
 * OpenAI-compatible.
 *
 * @throws UnreachableError, UnauthorizedError, OverloadedError while it loads
 */
export async function findOut(connection: Connection, wanted: string | undefined): Promise<FoundOut> {
  const asked = Object.entries(QUESTIONS).map(async ([name, path]) => {
    try {
      return [name, await connection.ask(path, undefined, PATIENCE_MS)] as const
    } catch (error) {
      // Without an answer to this one there is none to any.
      if (name === 'models') throw unreachable(error, connection)
      return [name, undefined] as const
    }
  })
  const replies = Object.fromEntries(await Promise.all(asked)) as Record<keyof Answers, Reply | undefined>
  const list = replies.models!
  for (const reply of [list, replies.props])
    if (reply?.status === 401 || (reply === list && reply.status === 403)) throw errorOfReply(reply, connection)
  if (list.status >= 300 && list.status < 400) throw errorOfReply(list, connection)
  // Some list their model while it still loads, and tell nothing else.
  for (const reply of [list, replies.props])
    if (reply?.status === 503) {
      const error = errorOfReply(reply, connection)
      throw error instanceof OverloadedError ? error : new OverloadedError(error.message)
    }

  const said = Object.fromEntries(
    Object.entries(replies).map(([name, reply]) => [name, reply?.status === 200 ? jsonOf(reply.text) : undefined]),
  ) as Answers
  const models = Array.isArray(said.models?.data) ? said.models.data.filter(isObject) : []
  const model = models.find(({ id }) => id === wanted) ?? (wanted === undefined ? models[0] : undefined)
  const server = headerOf(list.headers, 'server') ?? ''
  const [name = 'openai'] = SIGNS.find(([, sign]) => sign(said, model ?? models[0], server)) ?? []
  return { dialect: DIALECTS[name], info: infoOf(name, wanted ?? textIn(model, 'id') ?? 'default', model, said) }
}

function infoOf(name: DialectName, id: string, model: Json | undefined, { props, info, sglang }: Answers): EngineInfo {
  const meta = objectIn(model, 'meta')
  const settings = objectIn(props, 'default_generation_settings')
  const template = textIn(props, 'chat_template')
  const context =
    countIn(settings, 'n_ctx') ??
    countIn(model, 'max_model_len') ??
    countIn(sglang, 'max_context_length') ??
    countIn(info, 'max_total_tokens')
  return {
    model: id,
    backend: `remote/${name}`,
    contextLength: context || UNKNOWN_CONTEXT,
    vocabSize: countIn(meta, 'n_vocab') ?? 0,
    parameters: countIn(meta, 'n_params') ?? 0,
    weightType: textIn(info, 'model_dtype') ?? 'unknown',
    maxSequences: countIn(props, 'total_slots') || countIn(info, 'max_concurrent_requests') || USUAL_SEQUENCES,
    kvBlockSize: 0,
    tokenizer: 'elsewhere',
    cacheSalts: DIALECTS[name].fields.cacheSalt !== undefined,
    // Who has no template says so: our own server, and llama.cpp's.
    chat: template !== '' || name !== 'warpline',
    ...(template && { chatTemplate: template }),
    samplingDefaults: {},
  }
}
