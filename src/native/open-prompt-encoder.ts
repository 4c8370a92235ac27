import { loadChatTemplate, loadTokenizer } from '../formats/index.ts'
import { PromptEncoder } from './prompt-encoder.ts'

/** The language of a model alone, for whoever prepares prompts for an engine elsewhere. @throws FormatError */
export async function openPromptEncoder(directory: string): Promise<PromptEncoder> {
  return new PromptEncoder(await loadTokenizer(directory), await loadChatTemplate(directory))
}
