/** Files of prompts: what they may look like, read so that what is wrong is found before anything is asked. */
export { begin, goOn } from './exchange.ts'
export { LineFile } from './line-file.ts'
export type { Prompt, Turn } from './prompt.ts'
export { type PromptFile, readPrompts } from './prompt-file.ts'
export { WorkFileError } from './work-file-error.ts'
