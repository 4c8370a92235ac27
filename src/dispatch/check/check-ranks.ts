import type { Communicator } from '../../mpi/index.ts'
import type { Check, CheckResult, Found, MpiReport } from './check.ts'
import { COLLECTIVES } from './collectives.ts'
import { DEVICES, GPU_TRANSFER } from './devices.ts'
import { type Gpus, gpusHere } from './gpus.ts'
import { hostsOf, type Place, placesOf } from './places.ts'
import { BANDWIDTH, PING_PONG, SEND_RECEIVE } from './point-to-point.ts'
import { rankList } from './text.ts'

export interface CheckRanksOptions {
  /** Default: this host's. */
  readonly gpus?: Gpus
  /** How long one check may take, in ms. Default 10 000. */
  readonly timeoutMs?: number
  /** Default: all. */
  readonly checks?: readonly Check[]
  /** At rank 0, as each is over. */
  readonly onResult?: (result: CheckResult) => void
}

const LIBRARY: Check = {
  name: 'library',
  async run({ world }) {
    const [least, most] = [await digest(world, 'min'), await digest(world, 'max')]
    if (least !== most) throw new Error(`other ranks have another library than ${world.library}`)
    return { detail: world.library }
  },
}

const HOSTS: Check = {
  name: 'hosts',
  async run({ places }) {
    const hosts = hostsOf(places)
    const lines = hosts.map(({ host, ranks }) => `${host}: ${ranks.length > 1 ? 'ranks' : 'rank'} ${rankList(ranks)}`)
    return { detail: lines.join('; '), figures: hosts }
  },
}

const CHECKS = [LIBRARY, HOSTS, SEND_RECEIVE, PING_PONG, BANDWIDTH, ...COLLECTIVES, DEVICES, GPU_TRANSFER]

/**
 * Whether ranks can speak to each other, and how fast: the classic tests, run by all ranks at once. Each has a communicator of
 * its own and a deadline, so that one that fails, or a rank that hangs, is named and the rest goes on as far as it can.
 *
 * @returns at rank 0 the report; elsewhere undefined
 * @throws MpiError where not even the ranks' places become known
 * @example
 * await using world = await openCommunicator()
 * const report = await checkRanks(world)
 * if (report && !report.ok) console.error(report.checks.filter(({ status }) => status === 'failed'))
 */
export async function checkRanks(world: Communicator, options: CheckRanksOptions = {}): Promise<MpiReport | undefined> {
  const { gpus = gpusHere(), timeoutMs = 10_000, checks = CHECKS, onResult } = options
  const places = await within(timeoutMs, placesOf(world))
  const results: CheckResult[] = []
  let broken = false
  for (const check of checks) {
    if (broken) {
      results.push({ name: check.name, status: 'not-run', detail: 'not all ranks answer' })
    } else {
      const own = await attempt(check, world, { places, gpus, timeoutMs })
      const all = await collect(world, own, timeoutMs).catch(() => undefined)
      broken = all === undefined
      if (world.rank === 0)
        results.push(all ? merged(check.name, all) : failed(check.name, [own], 'not all ranks answer'))
    }
    if (world.rank === 0) onResult?.(results.at(-1)!)
  }
  if (world.rank !== 0) return undefined
  const ok = results.every(({ status }) => status !== 'failed')
  return { library: world.library, ranks: world.size, hosts: hostsOf(places), ok, checks: results }
}

/** What one rank found, or what is wrong there. */
type Own = Found | { readonly wrong: string }

async function attempt(
  check: Check,
  world: Communicator,
  { places, gpus, timeoutMs }: { readonly places: readonly Place[]; readonly gpus: Gpus; readonly timeoutMs: number },
): Promise<Own> {
  let own: Communicator | undefined
  const run = async () => {
    own = (await world.split(0))!
    return await check.run({ world: own, places, gpus })
  }
  try {
    return await within(timeoutMs, run())
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) }
  } finally {
    // Nobody is waited for: whoever hangs is in it, too.
    await own?.close({ alone: true })
  }
}

/** At rank 0, what all found; elsewhere nothing. Returns when all go on, so that nobody waits in the next check already. */
async function collect(world: Communicator, own: Own, timeoutMs: number): Promise<readonly Own[]> {
  // Another may have come to this check, and so comes out of it, later by as much as one takes.
  const parts = await within(2 * timeoutMs, world.gatherv(new Uint8Array(Buffer.from(JSON.stringify(own)))))
  await within(2 * timeoutMs, world.bcast(new Uint8Array(1)))
  return parts?.map(part => JSON.parse(Buffer.from(part).toString()) as Own) ?? []
}

function merged(name: string, all: readonly Own[]): CheckResult {
  if (all.some(own => 'wrong' in own)) return failed(name, all)
  const [first] = all as readonly Found[]
  if ('notRun' in first!) return { name, status: 'not-run', detail: first.notRun }
  return { name, status: 'ok', ...first! }
}

function failed(name: string, all: readonly Own[], also?: string): CheckResult {
  const wrong = all.flatMap((own, rank) => ('wrong' in own ? [`rank ${rank}: ${own.wrong}`] : []))
  return { name, status: 'failed', detail: [...wrong, ...(also ? [also] : [])].join('; ') }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

async function digest(world: Communicator, operation: 'min' | 'max'): Promise<number> {
  let hash = 0
  for (const byte of Buffer.from(world.library)) hash = (Math.imul(hash, 31) + byte) >>> 0
  return (await world.allreduce(Uint32Array.of(hash), operation))[0]!
}
