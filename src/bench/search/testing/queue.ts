/** A target that is a queue: so many requests are served at once, first come, first served. */
export interface Queue {
  readonly servers: number
  /** How long each is served, in ms. */
  service(): number
}

/** One request's way through it, in ms. */
export interface Passage {
  readonly dueMs: number
  readonly startMs: number
  readonly endMs: number
}

/** Requests that come when they come. `dues` ascend. */
export function* passOpen(queue: Queue, dues: Iterable<number>): Generator<Passage> {
  const free = new Float64Array(queue.servers)
  for (const dueMs of dues) yield pass(queue, free, dueMs)
}

/** So many users, each of whom comes again when served; without end. */
export function* passClosed(queue: Queue, users: number): Generator<Passage> {
  const free = new Float64Array(queue.servers)
  const dues = Float64Array.from({ length: users }, (_, user) => user / 1000)
  for (;;) {
    const user = dues.indexOf(Math.min(...dues))
    const passage = pass(queue, free, dues[user]!)
    dues[user] = passage.endMs
    yield passage
  }
}

function pass(queue: Queue, free: Float64Array, dueMs: number): Passage {
  let server = 0
  for (let i = 1; i < free.length; i++) if (free[i]! < free[server]!) server = i
  const startMs = Math.max(dueMs, free[server]!)
  const endMs = startMs + queue.service()
  free[server] = endMs
  return { dueMs, startMs, endMs }
}
