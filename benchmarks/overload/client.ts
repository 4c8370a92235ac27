import { Agent, request } from 'node:http'

export interface Answer {
  readonly status: number
  /** What `Retry-After-Ms` says, or else `Retry-After`. */
  readonly retryAfterMs: number | undefined
  /** What both say, to see that neither is missing. */
  readonly hasBoth: boolean
}

/** As many connections as it takes. */
const agent = new Agent({ keepAlive: true })

let made = 0

/** A body that no other request has. */
export function newBody(maxTokens: number): string {
  return JSON.stringify({ prompt: `request number ${made++}`, max_tokens: maxTokens, ignore_eos: true })
}

/** `priorityClass`: default, that of the key. */
export function complete(port: number, key: string, body: string, priorityClass?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${key}`,
      ...(priorityClass !== undefined && { 'X-Priority-Class': priorityClass }),
    }
    const sent = request(
      { port, host: '127.0.0.1', path: '/v1/completions', method: 'POST', agent, headers },
      reply => {
        reply.resume()
        reply.once('end', () => {
          const seconds = reply.headers['retry-after']
          const ms = reply.headers['retry-after-ms']
          resolve({
            status: reply.statusCode!,
            retryAfterMs: ms === undefined ? seconds && Number(seconds) * 1000 : Number(ms),
            hasBoth: seconds !== undefined && ms !== undefined,
          } as Answer)
        })
        reply.once('error', reject)
      },
    )
    sent.once('error', reject)
    sent.end(body)
  })
}

export function get(port: number, key: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${key}` }
    request({ port, host: '127.0.0.1', path, agent, headers }, reply => {
      let text = ''
      reply.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      reply.once('end', () => resolve(text))
      reply.once('error', reject)
    })
      .once('error', reject)
      .end()
  })
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
