import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { MpiError } from '../errors.ts'
import { CONFORMANCE, runConformance } from '../testing/conformance.ts'
import { freeRendezvous, tcpGroup } from '../testing/tcp-group.ts'
import { openTcp, type TcpOptions } from './open-tcp.ts'

describe.each([1, 2, 3, 5])('%i ranks over sockets', size => {
  test('keep the contract', async () => {
    const group = await tcpGroup(size)
    const done: string[] = []
    await Promise.all(group.map(world => runConformance(world, { done: name => world.rank === 0 && done.push(name) })))
    expect(done).toEqual(CONFORMANCE.filter(({ ranks = 1 }) => ranks <= size).map(({ name }) => name))
    await Promise.all(group.map(world => world.close()))
  })
})

const secret = 'open sesame'
const toClose: (Server | Socket)[] = []
afterEach(() => {
  for (const each of toClose.splice(0)) 'destroy' in each ? each.destroy() : each.close()
})

/** As soon as somebody listens there. */
async function caller(rendezvous: string): Promise<Socket> {
  const [host, port] = rendezvous.split(':')
  for (;;) {
    const socket = connect(Number(port), host)
    const reached = await new Promise(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    if (!reached) continue
    toClose.push(socket)
    return socket.on('error', () => {})
  }
}

async function failure(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => 'nothing',
    error => error,
  )
  expect(error).toBeInstanceOf(MpiError)
  expect(error.kind).toBe('unavailable')
  return error.message.replace(/127\.0\.0\.1:\d+/g, 'HOST:PORT')
}

describe('who may join', () => {
  /** Rank 0 and another that does not fit, and how both end. */
  async function together(other: Partial<TcpOptions>, size = 2): Promise<string[]> {
    const rendezvous = await freeRendezvous()
    const lead = openTcp({ rank: 0, size, rendezvous, secret, joinMs: 400 })
    const joining = openTcp({ rank: 1, size, rendezvous, secret, joinMs: 1000, ...other })
    return Promise.all([failure(lead), failure(joining)])
  }

  test('nobody with another secret', async () => {
    expect(await together({ secret: 'open barley' })).toMatchInlineSnapshot(`
      [
        "rank 1 of 2 did not come in 0.4 s; refused: HOST:PORT: it refuses: the secrets differ (WARPLINE_SECRET)",
        "HOST:PORT: the secrets differ (WARPLINE_SECRET)",
      ]
    `)
  })

  test('nobody who counts other ranks', async () => {
    expect(await together({ rank: 2, size: 3 })).toMatchInlineSnapshot(`
      [
        "rank 1 of 2 did not come in 0.4 s; refused: HOST:PORT: rank 2: it takes the group for 3 ranks, and it has 2",
        "HOST:PORT: it refuses: rank 2: it takes the group for 3 ranks, and it has 2",
      ]
    `)
  })

  test('no rank twice; who came first stays', async () => {
    const rendezvous = await freeRendezvous()
    const open = (rank: number) => openTcp({ rank, size: 3, rendezvous, secret, joinMs: 2000 })
    const [lead, first] = [open(0), open(1)]
    const twice = open(1)
    const refused = await Promise.race([failure(first), failure(twice)])
    expect(refused).toMatchInlineSnapshot(`"HOST:PORT: it refuses: rank 1: there is one already"`)
    const last = open(2)
    const joined = await Promise.allSettled([lead, first, twice, last])
    const group = joined.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    expect(group.map(({ rank }) => rank)).toEqual([0, 1, 2])
    await Promise.all(group.map(world => world.close()))
  })

  test('who is missing is named', async () => {
    const rendezvous = await freeRendezvous()
    const open = (rank: number) => openTcp({ rank, size: 4, rendezvous, secret, joinMs: 400 })
    expect(await Promise.all([failure(open(0)), failure(open(2))])).toMatchInlineSnapshot(`
      [
        "ranks 1, 3 of 4 did not come in 0.4 s",
        "HOST:PORT: it refuses: ranks 1, 3 of 4 did not come in 0.4 s",
      ]
    `)
  })

  test('one that breaks off is no longer waited for', async () => {
    const rendezvous = await freeRendezvous()
    const lead = openTcp({ rank: 0, size: 3, rendezvous, secret })
    const silent = openTcp({ rank: 1, size: 3, rendezvous, secret, joinMs: 50 })
    expect(await Promise.all([failure(lead), failure(silent)])).toMatchInlineSnapshot(`
      [
        "rank 1 broke off",
        "HOST:PORT: not all of 3 ranks came in 0.05 s",
      ]
    `)
  })

  test('nobody at the rendezvous', async () => {
    const rendezvous = await freeRendezvous()
    expect(await failure(openTcp({ rank: 1, size: 2, rendezvous, secret, joinMs: 120 }))).toMatchInlineSnapshot(
      `"nobody could be reached at HOST:PORT (ECONNREFUSED)"`,
    )
  })

  test('another server at the rendezvous', async () => {
    const server = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    toClose.push(server)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const rendezvous = `127.0.0.1:${(server.address() as { port: number }).port}`
    expect(await failure(openTcp({ rank: 1, size: 2, rendezvous, secret }))).toMatchInlineSnapshot(
      `"HOST:PORT: it speaks another protocol"`,
    )
  })

  test('one that says nothing is turned away, and the others meet', async () => {
    const rendezvous = await freeRendezvous()
    const lead = openTcp({ rank: 0, size: 2, rendezvous, secret, silenceMs: 50 })
    const stranger = await caller(rendezvous)
    await new Promise(resolve => stranger.resume().once('close', resolve))
    const group = await Promise.all([lead, openTcp({ rank: 1, size: 2, rendezvous, secret })])
    await Promise.all(group.map(world => world.close()))
  })

  test.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['nonsense of a sensible length', Buffer.from('\0\0\0\x02{}')],
    ['a length that nobody has memory for', Buffer.from('\xff\xff\xff\xff', 'latin1')],
  ])('one that speaks %s is turned away, and the others meet', async (_what, bytes) => {
    const rendezvous = await freeRendezvous()
    const lead = openTcp({ rank: 0, size: 2, rendezvous, secret, silenceMs: 5000 })
    const stranger = await caller(rendezvous)
    stranger.write(bytes)
    await new Promise(resolve => stranger.resume().once('close', resolve))
    const group = await Promise.all([lead, openTcp({ rank: 1, size: 2, rendezvous, secret })])
    await Promise.all(group.map(world => world.close()))
  })

  describe('an impostor that knows all but the secret', () => {
    const nonce = '0'.repeat(64)
    const said = (words: object) => {
      const text = Buffer.from(JSON.stringify(words))
      const length = Buffer.alloc(4)
      length.writeUInt32BE(text.length)
      return Buffer.concat([length, text])
    }

    /** Words, one after the other, as they come. */
    async function* heard(socket: Socket) {
      let bytes = Buffer.alloc(0)
      for await (const chunk of socket) {
        bytes = Buffer.concat([bytes, chunk])
        while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
          const end = 4 + bytes.readUInt32BE()
          yield JSON.parse(bytes.subarray(4, end).toString())
          bytes = bytes.subarray(end)
        }
      }
    }

    test.each([
      ['guesses', () => 'f'.repeat(64)],
      ['gives back what it was given', ({ proof }: { proof: string }) => proof],
      ['gives nothing', () => undefined],
      ['gives no text', () => ({ length: 64 })],
    ])('is not rank 1, though it %s', async (_, proofOf) => {
      const rendezvous = await freeRendezvous()
      const lead = openTcp({ rank: 0, size: 2, rendezvous, secret })
      const socket = await caller(rendezvous)
      const protocol = 'warpline ranks 1'
      socket.write(said({ protocol, rank: 1, size: 2, port: 0, nonce }))
      const words = heard(socket)
      const { value: challenge } = await words.next()
      expect(Object.keys(challenge)).toEqual(['nonce', 'proof'])
      socket.write(said({ proof: proofOf(challenge) }))
      expect((await words.next()).value).toEqual({ refused: 'rank 1: the secrets differ (WARPLINE_SECRET)' })
      expect((await words.next()).done).toBe(true)
      const group = await Promise.all([lead, openTcp({ rank: 1, size: 2, rendezvous, secret })])
      await Promise.all(group.map(world => world.close()))
    })

    test('cannot play rank 0 to rank 1 with what rank 0 has said', async () => {
      const server = createServer(async socket => {
        toClose.push(socket)
        const { value } = await heard(socket).next()
        socket.write(said({ nonce: value.nonce, proof: 'f'.repeat(64) }))
      })
      toClose.push(server)
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      const rendezvous = `127.0.0.1:${(server.address() as { port: number }).port}`
      expect(await failure(openTcp({ rank: 1, size: 2, rendezvous, secret }))).toBe(
        'HOST:PORT: the secrets differ (WARPLINE_SECRET)',
      )
    })
  })

  test.each([
    [{ rendezvous: 'here' }, /the rendezvous is HOST:PORT, e\.g\. 10\.0\.0\.1:4100, not "here"/],
    [{ rendezvous: '[::1]:70000' }, /the rendezvous is/],
    [{ size: 0 }, /a group has 1 to 1024 ranks, not 0/],
    [{ rank: 2 }, /there is no rank 2: ranks are 0 to 1/],
    [{ secret: '' }, /ranks need a secret that they share/],
  ])('options that make no sense: %o', async (change, message) => {
    const options = { rank: 0, size: 2, rendezvous: '127.0.0.1:4100', secret, ...change }
    await expect(openTcp(options)).rejects.toThrow(message)
  })

  test('a rendezvous that is taken', async () => {
    const group = createServer()
    toClose.push(group)
    await new Promise<void>(resolve => group.listen(0, '127.0.0.1', resolve))
    const rendezvous = `127.0.0.1:${(group.address() as { port: number }).port}`
    expect(await failure(openTcp({ rank: 0, size: 2, rendezvous, secret }))).toMatchInlineSnapshot(
      `"HOST:PORT cannot be listened on (EADDRINUSE)"`,
    )
  })
})

describe('a rank that is gone', () => {
  const lost = (promise: Promise<unknown>) => expect(promise).rejects.toMatchObject({ code: 'mpi', kind: 'lost' })

  /** The last of three leaves without waiting for anybody. */
  async function abandoned() {
    const group = await tcpGroup(3)
    const [first, second, last] = group
    return { first: first!, second: second!, last: last!, group }
  }

  test('fails receives from it, once what it sent has been received', async () => {
    const { first, second, last } = await abandoned()
    const pending = first.receive({ source: 2, tag: 1 })
    const probing = first.probe({ source: 2, tag: 1 })
    const anybody = first.receive({ tag: 5 })
    await last.send(Buffer.from('last words'), 0, 2)
    await last.close({ alone: true })
    await lost(pending)
    await lost(probing)
    expect((await first.receive({ source: 2 })).data.toString()).toBe('last words')
    await lost(first.receive({ source: 2 }))
    await lost(first.send(new Uint8Array(1), 2))
    // The others go on.
    await second.send(Buffer.from('here'), 0, 5)
    expect((await anybody).data.toString()).toBe('here')
    await second.close({ alone: true })
    await lost(first.receive())
    await first.close()
  })

  test('fails collectives of all that are left, and of groups that it was in', async () => {
    const { first, second, last, group } = await abandoned()
    const splits = group.map(world => world.split(world.rank === 0 ? 0 : 1))
    const [alone, pair] = await Promise.all(splits)
    const sums = [first, second].map(world => world.allreduce(Int32Array.of(1), 'sum'))
    const meeting = pair!.barrier()
    await last.close({ alone: true })
    for (const pending of [...sums, meeting]) await lost(pending)
    await lost(second.barrier())
    await alone!.barrier()
    await Promise.all([first.close(), second.close()])
  })

  test('is not lost by having left, to those who do not wait for it', async () => {
    const { first, second, last } = await abandoned()
    const leaving = last.close()
    await lost(first.receive({ source: 2 }))
    await first.send(Buffer.from('still here'), 1)
    expect((await second.receive()).data.toString()).toBe('still here')
    await Promise.all([leaving, first.close(), second.close()])
  })

  test('closing waits for all, and for none that is lost', async () => {
    const { first, second, last } = await abandoned()
    let closed = false
    const closing = first.close().then(() => {
      closed = true
    })
    await second.send(Buffer.from('wait'), 2)
    await last.receive()
    expect(closed).toBe(false)
    await last.close({ alone: true })
    await second.close()
    await closing
  })
})

test('abort ends all, with its code', async () => {
  const codes: number[] = []
  const ended = new Promise<void>(resolve => {
    const exit = (code: number): never => {
      if (codes.push(code) === 3) resolve()
      return undefined as never
    }
    void tcpGroup(3, { exit }).then(([, second, ...others]) => {
      second!.abort(42)
      toCloseLater.push(second!, ...others)
    })
  })
  await ended
  expect(codes).toEqual([42, 42, 42])
  await Promise.all(toCloseLater.map(world => world.close({ alone: true })))
})
const toCloseLater: { close(options: { alone: boolean }): Promise<void> }[] = []

test('a sender is held while its messages pile up, and let go for what somebody waits for', async () => {
  const [first, second] = await tcpGroup(2)
  const large = Buffer.alloc(8 * 2 ** 20)
  const sends = Array.from({ length: 11 }, () => second!.isend(large, 0, 1))
  const last = second!.isend(Buffer.from('behind them'), 0, 2)
  // All that lies between is at most what sockets and the limit hold: some sends wait.
  while (sends.filter(send => send.test()).length < 8) await new Promise(resolve => setImmediate(resolve))
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
  expect(sends.at(-1)!.test()).toBe(false)
  expect((await first!.receive({ tag: 2 })).data.toString()).toBe('behind them')
  await last.done
  for (let i = 0; i < 11; i++) expect((await first!.receive({ tag: 1 })).bytes).toBe(large.length)
  await Promise.all([first!.close(), second!.close()])
})

test('a message of many pieces comes whole', async () => {
  const [first, second] = await tcpGroup(2)
  const data = Buffer.alloc(35 * 2 ** 20)
  for (let i = 0; i < data.length; i += 4096) data.writeUInt32LE(i, i)
  const sending = first!.send(data, 1)
  expect((await second!.receive()).data.equals(data)).toBe(true)
  await sending
  await Promise.all([first!.close(), second!.close()])
})
