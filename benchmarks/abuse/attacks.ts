import { randomBytes } from 'node:crypto'
import { Crowd } from './crowd.ts'
import { isIdle, VERBOSE_SEED, type Victim } from './victim.ts'

/** Something that a server has to survive. */
export interface Attack {
  readonly name: string
  /** How many take part in full. */
  readonly clients: number
  /** Ends once the server has got rid of them, or they of it. */
  run(victim: Victim, clients: number): Promise<void>
}

const HEAD = 'Host: localhost\r\nContent-Type: application/json\r\n'

function completion(fields: object): string {
  const body = JSON.stringify({ prompt: 'a', ignore_eos: true, ...fields })
  return `POST /v1/completions HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`
}

const STREAM = completion({ stream: true, max_tokens: 1_000_000 })
const VERBOSE_STREAM = completion({ stream: true, max_tokens: 1_000_000, seed: VERBOSE_SEED })
const HALF_HEAD = `POST /v1/completions HTTP/1.1\r\nHost: loc`
const HALF_BODY = STREAM.slice(0, -10)

export const ATTACKS: readonly Attack[] = [
  {
    name: 'clients that vanish in the middle of a stream',
    clients: 500,
    async run({ port }, clients) {
      using crowd = new Crowd()
      await crowd.open(port, clients, (socket, i) => {
        socket.write(STREAM)
        let chunks = i % 4
        if (chunks === 0) socket.destroySoon()
        socket.on('data', () => --chunks <= 0 && socket.destroy())
      })
      await crowd.gone()
    },
  },
  {
    name: 'streams that nobody reads',
    clients: 100,
    async run(victim, clients) {
      using crowd = new Crowd()
      await crowd.open(victim.port, clients, socket => {
        socket.pause()
        socket.write(VERBOSE_STREAM)
      })
      await victim.until(({ inFlight }) => inFlight > 0)
      await victim.until(isIdle)
    },
  },
  {
    name: 'headers a byte at a time',
    clients: 100,
    async run({ port }, clients) {
      using crowd = new Crowd()
      await crowd.open(port, clients, socket => socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n'))
      crowd.drip('X: a\r\n', 100)
      await crowd.gone()
    },
  },
  {
    name: 'bodies a byte at a time',
    clients: 100,
    async run({ port }, clients) {
      using crowd = new Crowd()
      const head = `POST /v1/completions HTTP/1.1\r\n${HEAD}Content-Length: 1000000\r\n\r\n{`
      await crowd.open(port, clients, socket => socket.write(head))
      crowd.drip(' ', 100)
      await crowd.gone()
    },
  },
  {
    name: 'half a request, and then the end',
    clients: 400,
    async run({ port }, clients) {
      using crowd = new Crowd()
      await crowd.open(port, clients, (socket, i) => {
        socket.write(i & 1 ? HALF_HEAD : HALF_BODY)
        if (i & 2) socket.end()
        else socket.resetAndDestroy()
      })
      await crowd.gone()
    },
  },
  {
    name: 'bytes that mean nothing',
    clients: 1000,
    async run({ port }, clients) {
      using crowd = new Crowd()
      await crowd.open(port, clients, socket => socket.write(randomBytes(2048)))
      await crowd.gone()
    },
  },
  {
    name: 'a hundred requests in one piece, and then the end',
    clients: 20,
    async run(victim, clients) {
      using crowd = new Crowd()
      const { requests } = (await victim.state()).engine
      await crowd.open(victim.port, clients, socket => socket.write(STREAM.repeat(100)))
      await victim.until(({ engine }) => engine.requests > requests)
    },
  },
  {
    name: 'a thousand requests in one piece',
    clients: 20,
    async run({ port }, clients) {
      using crowd = new Crowd()
      await crowd.open(port, clients, socket => socket.write(STREAM.repeat(1000)))
      await crowd.gone()
    },
  },
  {
    name: 'connections on which nothing is said',
    clients: 10_000,
    async run({ port }, clients) {
      using crowd = new Crowd()
      await crowd.open(port, clients)
      await crowd.gone()
    },
  },
]
