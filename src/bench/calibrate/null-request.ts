/** What the null server reads of a request: the rest does not change its answer. */
export interface NullRequest {
  readonly method: string
  /** The path without the pace that stood before it, e.g. `/v1/models`. */
  readonly path: string
  readonly pace: Pace
  readonly tokens: number
  readonly stream: boolean
  /** A stream ends with its usage. */
  readonly usage: boolean
}

/** In ms; of a whole answer, `ttftMs` and then `itlMs` for each further token. All at once without. */
export interface Pace {
  readonly ttftMs: number
  readonly itlMs: number
}

const AT_ONCE: Pace = { ttftMs: 0, itlMs: 0 }

/** OpenAI's. */
const DEFAULT_TOKENS = 16

/** What stands before a path: `/ttft=20ms&itl=5ms/v1/completions`. */
export function pacedPrefix({ ttftMs, itlMs }: Pace): string {
  return `/ttft=${ttftMs}ms&itl=${itlMs}ms`
}

/** Of a head and a body, each as latin1, which keeps the few ASCII words that are looked for as they are. */
export function readRequest(head: string, body: string): NullRequest {
  const end = head.indexOf('\r\n')
  const [method = '', target = ''] = head.slice(0, end).split(' ', 2)
  const [, ttft, itl, rest] = /^\/ttft=([\d.]+)ms&itl=([\d.]+)ms(\/.*)$/.exec(target) ?? []
  return {
    method,
    path: rest ?? target,
    pace: rest === undefined ? AT_ONCE : { ttftMs: Number(ttft), itlMs: Number(itl) },
    tokens: tokensOf(body),
    stream: flag(body, '"stream":'),
    usage: flag(body, '"include_usage":'),
  }
}

/** The names cannot come from a prompt: the quotes in a JSON string have a backslash before them. */
function tokensOf(body: string): number {
  const at = after(body, '"max_tokens":')
  const place = at < 0 ? after(body, '"max_completion_tokens":') : at
  const tokens = place < 0 ? Number.NaN : Number.parseInt(body.slice(place, place + 12), 10)
  return tokens >= 1 ? tokens : DEFAULT_TOKENS
}

function flag(body: string, name: string): boolean {
  const at = after(body, name)
  return (
    at >= 0 &&
    body
      .slice(at, at + 5)
      .trimStart()
      .startsWith('true')
  )
}

/** Where a name's value begins; fields of ours stand behind the prompt, and are found quickest from the end. */
function after(body: string, name: string): number {
  const at = body.lastIndexOf(name)
  return at < 0 ? -1 : at + name.length
}
