import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { closest } from './closest.ts'
import type { History } from './history.ts'

interface ChatCommand {
  readonly name: string
  readonly argument?: string
  readonly help: string
  /** @returns What to say, or `exit` to leave. */
  run(argument: string, history: History, cwd: string): Promise<ChatCommandResult> | ChatCommandResult
}

export type ChatCommandResult = { readonly say: string } | 'exit'

const COMMANDS: readonly ChatCommand[] = [
  { name: '/help', help: 'print this', run: () => ({ say: helpText() }) },
  {
    name: '/reset',
    help: 'forget what was said; the system message stays',
    run: (_, history) => {
      history.clear()
      return { say: 'forgotten' }
    },
  },
  {
    name: '/system',
    argument: 'TEXT',
    help: 'set the system message; without TEXT, remove it',
    run: (text, history) => {
      history.system = text || undefined
      return { say: text ? 'system message set' : 'system message removed' }
    },
  },
  {
    name: '/save',
    argument: 'FILE',
    help: 'save the messages as JSON in a new file',
    run: async (file, history, cwd) => ({ say: await save(file, history, cwd) }),
  },
  { name: '/exit', help: 'leave, as does Ctrl-D', run: () => 'exit' },
]

/** Runs `line` if it is a command. A line that begins with `//` is text, less one slash. */
export async function runChatCommand(
  line: string,
  history: History,
  cwd: string,
): Promise<ChatCommandResult | undefined> {
  if (!line.startsWith('/') || line.startsWith('//')) return undefined
  const [word = '', argument = ''] = line.trim().split(/\s+(.*)/s)
  const command = COMMANDS.find(({ name }) => name === word)
  if (command) return command.run(argument.trim(), history, cwd)
  const near = closest(
    word,
    COMMANDS.map(({ name }) => name),
  )
  return { say: `unknown command ${word}${near ? ` (did you mean ${near}?)` : ''}: /help lists them` }
}

async function save(file: string, history: History, cwd: string): Promise<string> {
  if (!file) return 'nothing saved: say where, /save FILE'
  try {
    await writeFile(resolve(cwd, file), `${JSON.stringify(history.messages(), null, 2)}\n`, { flag: 'wx' })
    return `saved to ${file}`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EEXIST' ? `nothing saved: ${file} exists, choose another name` : `nothing saved: ${file} (${code})`
  }
}

function helpText(): string {
  const lines = COMMANDS.map(({ name, argument = '', help }) => `  ${`${name} ${argument}`.padEnd(14)} ${help}`)
  return [...lines, '  Ctrl-C         stop an answer; at an empty prompt, twice to leave'].join('\n')
}
