import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ChatTemplate, loadChatTemplate, loadTokenizer, type Tokenizer } from '../formats/index.ts'
import { ByteTokenizer } from './byte-tokenizer.ts'
import type { ThreadData } from './messages.ts'
import { configOf, type ModelSource, modelSource } from './model-source.ts'
import { type NativeOptions, resolveOptions } from './options.ts'
import { buildTokenTable } from './output/token-table.ts'

/** What is to be loaded, and the language in which it is talked to. */
export interface Description {
  /** All that the engine itself needs to know. */
  readonly data: ThreadData
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate | undefined
}

/** @throws FormatError, ModelLoadError */
export async function describe(name: string, options: NativeOptions): Promise<Description> {
  const settings = resolveOptions(options)
  const source = modelSource(name, settings.loadFormat === 'dummy')
  const { tokenizer, template } = await languageOf(source)
  return { data: { source, settings, table: buildTokenTable(tokenizer) }, tokenizer, template }
}

/** What stands in for a tokenizer where there are no files for it: each byte a token, and no chats. */
async function languageOf(source: ModelSource): Promise<{ tokenizer: Tokenizer; template: ChatTemplate | undefined }> {
  const { from, dummy } = source
  if ('shape' in from || (dummy && !existsSync(join(from.directory, 'tokenizer.json')))) {
    return { tokenizer: new ByteTokenizer(configOf(source).vocabSize), template: undefined }
  }
  return { tokenizer: await loadTokenizer(from.directory), template: await loadChatTemplate(from.directory) }
}
