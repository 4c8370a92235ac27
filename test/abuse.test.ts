import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { ATTACKS } from '../benchmarks/abuse/attacks.ts'
import { judge } from '../benchmarks/abuse/verdict.ts'
import { Victim } from '../benchmarks/abuse/victim.ts'
import { cli, Process } from './process.ts'

/** Of the clients that `npm run bench:abuse` sends. */
const PART = 0.05

test('a server comes through what clients can do to it', { timeout: 60_000 }, async () => {
  const impatience = { headersTimeoutMs: 500, bodyTimeoutMs: 500, writeTimeoutMs: 500 }
  await using victim = await Victim.start({ ...impatience, mock: { contextLength: 2 ** 20, slots: 64 } })
  await ATTACKS[0]!.run(victim, 20)
  const before = await victim.memory()
  for (const attack of ATTACKS) {
    const { violations } = await judge(attack, Math.max(5, attack.clients * PART), victim, before)
    expect(violations, attack.name).toEqual([])
  }
})

test('a server that has no file descriptors left has some again later', async () => {
  const serve = `ulimit -n 256 && exec "$0" "$@"`
  await using server = new Process('sh', ['-c', serve, process.execPath, cli, 'serve', 'mock:', '--port', '0'])
  const [url = ''] = await server.seen(/http:\/\/[\d.]+:\d+/)
  await server.seen('ready at')
  const crowd = Array.from({ length: 400 }, () => connect(Number(new URL(url).port), '127.0.0.1'))
  for (const socket of crowd) socket.on('error', () => undefined)
  const inTime = { signal: AbortSignal.timeout(2000) }
  await expect(fetch(`${url}/health`, inTime)).rejects.toThrow()
  for (const socket of crowd) socket.destroy()
  await vi.waitFor(async () => expect((await fetch(`${url}/health`)).status).toBe(200), { timeout: 10_000 })
})
