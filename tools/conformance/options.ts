import { parseArgs } from 'node:util'
import type { Options } from './check.ts'

export const USAGE = `npm run conformance -- [URL] [options]

Asks a server that speaks OpenAI's API all that such a server should answer well.

  URL              where it is, e.g. http://127.0.0.1:8090; may be left out with --spawn
  --spawn COMMAND  starts a server of its own, with {port} for the port and, where the server takes
                   one, {key} for the key: for what cannot be asked of a server that others use
  --key KEY        sent with each request
  --model NAME     the model to ask for (default: the first that the server lists)
  --only LIST      items, topics or ids, e.g. 3,5 or usage or usage.absent
  --strict         what is tolerated otherwise fails
  --fuzz SECONDS   how long to send requests made from schemas (default 5)
  --seed N         of those (default 1)
  --timeout SECONDS  for each check (default 30)
  --json FILE      writes the results there, too
  --help

Exit code: 0 when nothing failed, 1 when something did, 2 for a wrong command line.`

/** The command line is wrong: how. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError @returns `'help'` where that is all that is asked for. */
export function parseOptions(argv: readonly string[]): Options | 'help' {
  const { values, positionals } = parse(argv)
  if (values.help) return 'help'
  const { spawn, key, model, json } = values
  const [url, ...rest] = positionals
  if (rest.length > 0) throw new UsageError(`one URL, not ${positionals.length}`)
  if (url === undefined && spawn === undefined) throw new UsageError('give a URL, or --spawn a server')
  if (spawn !== undefined && !spawn.includes('{port}')) throw new UsageError('--spawn: say {port} where the port goes')
  return {
    ...(url !== undefined && { url: baseOf(url) }),
    ...(key !== undefined && { key }),
    ...(model !== undefined && { model }),
    ...(spawn !== undefined && { spawn }),
    ...(json !== undefined && { json }),
    only: (values.only ?? '').split(',').filter(Boolean),
    strict: values.strict ?? false,
    timeout: number('--timeout', values.timeout ?? '30', 0.1),
    fuzz: number('--fuzz', values.fuzz ?? '5', 0),
    seed: number('--seed', values.seed ?? '1', 0),
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        spawn: { type: 'string' },
        key: { type: 'string' },
        model: { type: 'string' },
        only: { type: 'string' },
        strict: { type: 'boolean' },
        fuzz: { type: 'string' },
        seed: { type: 'string' },
        timeout: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** People copy the base URL that they give to clients. */
function baseOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new UsageError(`${url} is no http URL`)
  return url.replace(/\/+$/, '').replace(/\/v1$/, '')
}

function number(option: string, text: string, min: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= min)) throw new UsageError(`${option}: a number of at least ${min}, not ${text}`)
  return value
}
