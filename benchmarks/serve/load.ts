import { connect, type Socket } from 'node:net'

export interface Reply {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A POST as bytes, so that a client costs as little as possible. */
export function post(path: string, body: object): string {
  const text = JSON.stringify(body)
  return [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n')
}

/** Sends a request again and again on each of some connections, one at a time on each. Resolves to answers per second. */
export async function requestRate(port: number, request: string, connections: number, ms: number): Promise<number> {
  const end = performance.now() + ms
  let answers = 0
  const one = async () => {
    const socket = await open(port)
    const replies = new Replies(socket)
    while (performance.now() < end) {
      socket.write(request)
      await replies.skip()
      answers++
    }
    socket.destroy()
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, one))
  return (answers / (performance.now() - start)) * 1000
}

/** One request, and its whole answer. */
export async function once(port: number, request: string): Promise<Reply> {
  const socket = await open(port)
  const replies = new Replies(socket)
  socket.write(request)
  const text = await replies.take()
  socket.destroy()
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const lines = head.split('\r\n').slice(1)
  return { headers: Object.fromEntries(lines.map(line => line.split(': ', 2) as [string, string])), body }
}

/** Fewer than a listening socket keeps in its backlog. */
const AT_ONCE = 250

/** Streams that go on until they are closed; counts frames of all of them together. */
export class Streams implements Disposable {
  frames = 0
  readonly #sockets: Socket[] = []

  /** Opens `count` more, some at a time; resolves when each has sent something. */
  async open(port: number, request: string, count: number): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => this.#openOne(port, request)))
  }

  async #openOne(port: number, request: string): Promise<void> {
    const socket = await open(port)
    this.#sockets.push(socket)
    await new Promise<void>(resolve => {
      socket.on('data', (bytes: Buffer) => {
        for (let at = bytes.indexOf('\n\n'); at >= 0; at = bytes.indexOf('\n\n', at + 2)) this.frames++
        resolve()
      })
      socket.write(request)
    })
  }

  /** Opens one and reads it to its end. */
  async toEnd(port: number, request: string): Promise<void> {
    const socket = await open(port)
    await new Promise<void>(resolve => {
      socket.on('data', (bytes: Buffer) => {
        if (!bytes.includes('data: [DONE]')) return
        socket.destroy()
        resolve()
      })
      socket.write(request)
    })
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.setNoDelay(true)
    socket.on('error', reject)
  })
}

/** Answers with a Content-Length, one after another. */
class Replies {
  #text = ''
  #waiting: (() => void) | undefined

  constructor(socket: Socket) {
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text
      if (this.#length() !== undefined) this.#waiting?.()
    })
  }

  async take(): Promise<string> {
    if (this.#length() === undefined) await new Promise<void>(resolve => (this.#waiting = resolve))
    const text = this.#text
    this.#text = ''
    return text
  }

  /** @throws unless it was a 200 */
  async skip(): Promise<void> {
    const text = await this.take()
    if (!text.startsWith('HTTP/1.1 200')) throw new Error(text)
  }

  /** Of a whole answer, head included; undefined until it is all there. */
  #length(): number | undefined {
    const head = this.#text.indexOf('\r\n\r\n')
    if (head < 0) return undefined
    const length = head + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(this.#text)![1])
    return this.#text.length >= length ? length : undefined
  }
}
