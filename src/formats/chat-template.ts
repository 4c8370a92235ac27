import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { WarplineError } from '../errors.ts'
import { FormatError } from './errors.ts'
import { InputFile } from './file.ts'
import { RaisedError, Template } from './jinja/template.ts'
import { decodeUtf8, type Json } from './json.ts'
import { JsonFields } from './json-fields.ts'
import { quote } from './quote.ts'
import { ROLES, readFields, readToken } from './tokenizer/tokenizer-config.ts'

export interface ChatTemplate {
  /** As it stands in the model's files; the one for chats without tools, where there are two. */
  readonly source: string
  /**
   * The chat as the model was taught to read it, special tokens included.
   *
   * @throws RefusedChatError where the model was not taught such a chat; FormatError where the template is at fault
   */
  render(
    messages: readonly { readonly role: string; readonly content: string }[],
    options?: {
      /** End with what begins an answer. Default false. */
      readonly addGenerationPrompt?: boolean
      /** Seen by the template beside its own, e.g. `{ enable_thinking: false }` or `{ tools: […] }`. */
      readonly variables?: Readonly<Record<string, unknown>>
    },
  ): string
}

/** A chat that the model's template does not take, e.g. two user turns in a row. The message is the template's own. */
export class RefusedChatError extends WarplineError {
  override readonly code = 'refused_chat'
}

/** A template's bytes; one with images and the like may be longer, none known is. */
const MAX_BYTES = 1 << 20
const LONGEST_REFUSAL = 500

/**
 * The chat template of a model's folder: `chat_template.jinja`, or else `chat_template` of `tokenizer_config.json`, be it
 * one or a list by name. Undefined where there is none. Compiled once.
 *
 * @throws FormatError where it cannot be read
 */
export async function loadChatTemplate(directory: string): Promise<ChatTemplate | undefined> {
  const config = readFields(join(directory, 'tokenizer_config.json'))
  const map = readFields(join(directory, 'special_tokens_map.json'))
  const tokens = ROLES.map(role => [role, readToken(config, role) ?? readToken(map, role)] as const)
  const present = Object.fromEntries(tokens.filter(([, token]) => token !== undefined))
  const path = join(directory, 'chat_template.jinja')
  if (existsSync(path)) return new CompiledChatTemplate(path, { default: readText(path) }, present)
  const sources = readSources(config)
  return sources && new CompiledChatTemplate(config.path, sources, present)
}

class CompiledChatTemplate implements ChatTemplate {
  readonly source: string
  readonly #path: string
  readonly #plain: Template
  /** For chats with tools, where there is another. */
  readonly #tools: Template
  readonly #tokens: Readonly<Record<string, unknown>>

  constructor(path: string, sources: Readonly<Record<string, string>>, tokens: Readonly<Record<string, unknown>>) {
    this.#path = path
    this.#tokens = tokens
    this.source = sources.default ?? fail(path, 'none of its chat templates is named "default"')
    this.#plain = this.#compile(this.source)
    this.#tools = sources.tool_use === undefined ? this.#plain : this.#compile(sources.tool_use)
  }

  render(...[messages, options = {}]: Parameters<ChatTemplate['render']>): string {
    if (messages.length === 0) throw new RefusedChatError('there are no messages')
    const { variables = {}, addGenerationPrompt = false } = options
    const template = variables.tools ? this.#tools : this.#plain
    const given = { tools: null, documents: null, ...this.#tokens, ...variables }
    try {
      return template.render({ ...given, messages, add_generation_prompt: addGenerationPrompt })
    } catch (error) {
      if (error instanceof RaisedError)
        throw new RefusedChatError(error.message.slice(0, LONGEST_REFUSAL), { cause: error })
      throw new FormatError(this.#path, `the chat template fails: ${said(error)}`, { cause: error })
    }
  }

  #compile(source: string): Template {
    try {
      return new Template(source)
    } catch (error) {
      throw new FormatError(this.#path, `the chat template cannot be read: ${said(error)}`, { cause: error })
    }
  }
}

/** By name; a template alone is named `default`. */
function readSources(config: JsonFields): Record<string, string> | undefined {
  const value = config.get('chat_template')
  if (value === undefined) return undefined
  if (!Array.isArray(value)) return { default: config.string('chat_template') }
  const sources: Record<string, string> = Object.create(null)
  for (const [i, item] of (value as readonly Json[]).entries()) {
    const named = JsonFields.of(config.path, item, `chat_template[${i}].`)
    sources[named.string('name')] = named.string('template')
  }
  return sources
}

function readText(path: string): string {
  using file = new InputFile(path)
  if (file.size > MAX_BYTES) fail(path, `has ${file.size} bytes; at most ${MAX_BYTES} are read`)
  const bytes = new Uint8Array(file.size)
  file.read(bytes, 0)
  return decodeUtf8(bytes, path)
}

function said(error: unknown): string {
  return quote(error instanceof Error ? error.message : String(error))
}

function fail(path: string, reason: string): never {
  throw new FormatError(path, reason)
}
