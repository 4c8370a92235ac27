import { LineFile, readBytes } from './line-file.ts'
import { type Prompt, parsePrompt } from './prompt.ts'
import { WorkFileError } from './work-file-error.ts'

/** Prompts of a file, each read again when it is asked for. */
export interface PromptFile {
  readonly length: number
  /** Some are chats. */
  readonly chats: boolean
  prompt(index: number): Prompt
}

/**
 * Reads a file of prompts, by its ending: `.jsonl` and `.json` are JSON, all else is a prompt a line. Everything in it is
 * looked at, so that what is wrong is found before the run and not within it. `mayBeEmpty`: one without prompts is not wrong.
 *
 * @throws WorkFileError
 */
export function readPrompts(path: string, { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {}): PromptFile {
  const file = path.endsWith('.json') ? listed(path) : path.endsWith('.jsonl') ? lines(path) : texts(path)
  if (file.length === 0 && !mayBeEmpty) throw new WorkFileError(path, undefined, 'it holds no prompts')
  return file
}

function texts(path: string): PromptFile {
  const file = new LineFile(path)
  return { length: file.length, chats: false, prompt: index => ({ turns: [{ say: file.text(index) }] }) }
}

/** Lines stay bytes: as objects they would take many times their room. */
function lines(path: string): PromptFile {
  const file = new LineFile(path, { comments: true })
  const parse = (line: number) => parsePrompt(file.json(line), what => file.error(line, what))
  const usable: number[] = []
  let chats = false
  for (let line = 0; line < file.length; line++) {
    const prompt = parse(line)
    if (prompt === undefined) continue
    usable.push(line)
    chats ||= isChat(prompt)
  }
  return { length: usable.length, chats, prompt: index => parse(usable[index]!)! }
}

function listed(path: string): PromptFile {
  const list = parsed(path)
  if (!Array.isArray(list))
    throw new WorkFileError(path, undefined, 'expected a list; an object a line is a .jsonl file')
  const prompts = list.flatMap((entry, i) => {
    const prompt = parsePrompt(entry, what => new WorkFileError(path, undefined, `entry ${i + 1}: ${what}`))
    return prompt === undefined ? [] : [prompt]
  })
  return { length: prompts.length, chats: prompts.some(isChat), prompt: index => prompts[index]! }
}

function parsed(path: string): unknown {
  const bytes = readBytes(path)
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const what =
      code === 'ERR_STRING_TOO_LONG'
        ? 'too large for one list: make it an object a line, a .jsonl file'
        : `no JSON: ${message}`
    throw new WorkFileError(path, undefined, what, { cause: error })
  }
}

function isChat({ turns }: Prompt): boolean {
  return typeof turns[0]?.say !== 'string'
}
