import { begin, readPrompts } from '../../prompts/index.ts'
import type { Job } from '../job.ts'
import { digestOf } from './digest.ts'

export interface JobsOptions {
  /** How a prompt that is mere text is sent; one of messages is a chat anyway. Default text. */
  readonly as?: 'text' | 'chat'
  /** What else decides the answers, e.g. the sampling: part of the digest. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** The jobs of a file of prompts, each read when it is asked for. */
export interface Jobs {
  readonly length: number
  /** Some are chats, for which a model needs a chat template. */
  readonly chats: boolean
  /** Prompts that go on as dialogues, of which the first turn alone is asked. */
  readonly cutShort: number
  /** Of the file and of what decides the answers: two runs with the same one do the same work. Hexadecimal SHA-256. */
  readonly digest: string
  job(index: number): Job
}

/**
 * Reads a file of prompts as jobs, in its order; a file without prompts is no jobs. Of a dialogue, its first turn is the job:
 * what comes after depends on the answer, and jobs know nothing of each other.
 *
 * @throws WorkFileError
 *
 * @example
 * const jobs = readJobs('prompts.jsonl', { as: 'chat', settings: { temperature: 0 } })
 * jobs.job(0).input // { messages: [{ role: 'user', content: 'Hello' }] }
 */
export function readJobs(path: string, { as = 'text', settings = {} }: JobsOptions = {}): Jobs {
  const file = readPrompts(path, { mayBeEmpty: true })
  let cutShort = 0
  if (file.chats) for (let i = 0; i < file.length; i++) if (file.prompt(i).turns.length > 1) cutShort++
  return {
    length: file.length,
    chats: file.chats || as === 'chat',
    cutShort,
    digest: digestOf(path, { ...settings, as }),
    job: index => {
      const { turns, maxTokens, ignoreEos } = file.prompt(index)
      return {
        index,
        input: begin(turns[0]!.say, as),
        ...(maxTokens !== undefined && { maxTokens }),
        ...(ignoreEos !== undefined && { ignoreEos }),
      }
    },
  }
}
