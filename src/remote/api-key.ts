import { readFileSync } from 'node:fs'
import { InvalidTargetError } from '../engine/index.ts'

/** In order of preference. */
const VARIABLES = ['WARPLINE_API_KEY', 'OPENAI_API_KEY']

/**
 * The key that a server is asked with, if any; no message ever holds it.
 *
 * @throws InvalidTargetError for a file that cannot be read, and for what can be no key
 */
export function apiKeyOf(
  { apiKey, apiKeyFile }: { readonly apiKey?: string; readonly apiKeyFile?: string },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  if (apiKey !== undefined) return checked(apiKey, 'the key')
  if (apiKeyFile !== undefined) return checked(firstLine(apiKeyFile), `the first line of ${apiKeyFile}`)
  const variable = VARIABLES.find(name => environment[name])
  return variable === undefined ? undefined : checked(environment[variable]!.trim(), variable)
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n', 1)[0]!.trim()
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    throw new InvalidTargetError(`the key's file ${file} cannot be read (${code})`, { cause: error })
  }
}

/** It becomes part of a header. */
function checked(key: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key
  const what = key === '' ? 'is empty' : 'holds spaces or characters beyond ASCII'
  throw new InvalidTargetError(`${source} ${what}: a key is letters, digits and signs without spaces`)
}
