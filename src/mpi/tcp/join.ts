import type { Socket } from 'node:net'
import { Pending } from '../carried/pending.ts'
import { MpiError } from '../errors.ts'
import { type Address, isEverywhere } from './address.ts'
import { call } from './call.ts'
import { Conversation } from './conversation.ts'
import { type Hello, hearIntroduction, introduceOurselves, type Listening, type Self } from './introduction.ts'
import { Listener } from './listener.ts'

export interface JoinOptions extends Self {
  readonly rendezvous: Address
  readonly bind: string | undefined
  /** Until all have come. */
  readonly joinMs: number
  /** Of one that has called, or was. */
  readonly silenceMs: number
}

/** Rank 0 gives up first, as it can say why. */
const GRACE_MS = 1000

/** By rank; none for ourselves. */
export type Mesh = readonly (Socket | undefined)[]

/**
 * Brings all ranks together: they call rank 0, learn from it where the others listen, and each calls those below it.
 *
 * @throws MpiError of kind `unavailable`
 */
export async function join(options: JoinOptions): Promise<Mesh> {
  return options.rank === 0 ? await new Joining(options).lead() : await new Joining(options).follow()
}

class Joining {
  readonly #options: JoinOptions
  readonly #deadline: number
  readonly #peers: (Conversation | undefined)[]
  readonly #listening: (Listening & { readonly from: string })[] = []
  /** Why callers were turned away: said where ranks are missing in the end. */
  readonly #refusals: string[] = []
  readonly #met = new Pending<void>().watched()
  readonly #calls = new Set<Conversation>()

  constructor(options: JoinOptions) {
    this.#options = options
    this.#deadline = performance.now() + options.joinMs
    this.#peers = Array(options.size).fill(undefined)
  }

  async lead(): Promise<Mesh> {
    const { rendezvous, bind, size } = this.#options
    const listener = await Listener.open({ ...rendezvous, host: bind ?? rendezvous.host }, this.#called)
    return this.#through(listener, async () => {
      await this.#all()
      const addresses = this.#listening.map(({ host, port, from }) => ({ host: host ?? from, port }))
      for (let rank = 1; rank < size; rank++) this.#peers[rank]!.say({ addresses: [null, ...addresses.slice(1)] })
    })
  }

  async follow(): Promise<Mesh> {
    const { rank, size, rendezvous, bind, silenceMs, joinMs } = this.#options
    const lead = new Conversation(await call(rendezvous, this.#deadline), silenceMs)
    this.#calls.add(lead)
    const host = bind ?? lead.socket.localAddress!
    const listener = rank + 1 < size ? await Listener.open({ host, port: 0 }, this.#called) : undefined
    return this.#through(listener, async () => {
      const told = bind !== undefined && !isEverywhere(bind) ? bind : undefined
      await introduceOurselves(lead, this.#options, { host: told, port: listener?.port ?? 0 }, 0)
      this.#peers[0] = lead
      const addresses = addressesIn(
        await lead.hear(this.#left() + GRACE_MS, `not all of ${size} ranks came in ${joinMs / 1000} s`),
        size,
      )
      if (!addresses) throw lead.refuse('its list of ranks makes no sense')
      await Promise.all(addresses.slice(1, rank).map((address, i) => this.#call(address!, i + 1)))
      await this.#all()
    })
  }

  /** However it ends, nobody listens then; where it fails, all who have come are told so. */
  async #through(listener: Listener | undefined, meet: () => Promise<void>): Promise<Mesh> {
    try {
      await meet()
      return this.#peers.map(peer => peer?.socket)
    } catch (error) {
      for (const conversation of this.#calls) conversation.refuse((error as Error).message)
      throw error
    } finally {
      listener?.close()
      for (const conversation of this.#calls)
        if (!this.#peers.includes(conversation) && !conversation.refused) conversation.socket.destroy()
    }
  }

  async #call(address: Address, rank: number): Promise<void> {
    const conversation = new Conversation(await call(address, this.#deadline), this.#options.silenceMs)
    this.#calls.add(conversation)
    await introduceOurselves(conversation, this.#options, { host: undefined, port: 0 }, rank)
    this.#welcome(rank, conversation)
  }

  readonly #called = async (socket: Socket): Promise<void> => {
    const conversation = new Conversation(socket, this.#options.silenceMs)
    this.#calls.add(conversation)
    try {
      await hearIntroduction(conversation, this.#options, hello => this.#admit(hello, conversation))
    } catch (error) {
      this.#refusals.push((error as Error).message)
    }
  }

  #admit({ rank, host, port }: Hello, conversation: Conversation): string | undefined {
    const against = this.#against(rank)
    if (against) return against
    const { socket } = conversation
    this.#listening[rank] = { host, port, from: socket.remoteAddress! }
    this.#welcome(rank, conversation)
    socket.once('close', () => this.#met.reject(new MpiError('unavailable', `rank ${rank} broke off`)))
    return undefined
  }

  #against(rank: number): string | undefined {
    const { rank: own, size } = this.#options
    if (rank >= size) return `there are only ${size} ranks`
    if (rank <= own) return rank === own ? 'it has our rank' : 'it is to be called, not to call'
    if (this.#peers[rank]) return 'there is one already'
    return undefined
  }

  #welcome(rank: number, conversation: Conversation): void {
    this.#peers[rank] = conversation
    if (this.#missing().length === 0) this.#met.resolve(undefined)
  }

  async #all(): Promise<void> {
    const { joinMs, size } = this.#options
    if (this.#missing().length === 0) this.#met.resolve(undefined)
    const timer = setTimeout(() => {
      const missing = this.#missing()
      const refusals = this.#refusals.map(refusal => `; refused: ${refusal}`).join('')
      const who = `${missing.length > 1 ? 'ranks' : 'rank'} ${missing.join(', ')} of ${size}`
      this.#met.reject(new MpiError('unavailable', `${who} did not come in ${joinMs / 1000} s${refusals}`))
    }, this.#left())
    try {
      await this.#met.done
    } finally {
      clearTimeout(timer)
    }
  }

  #missing(): number[] {
    return [...this.#peers.keys()].filter(rank => rank !== this.#options.rank && !this.#peers[rank])
  }

  #left(): number {
    return Math.max(1, this.#deadline - performance.now())
  }
}

function addressesIn({ addresses }: Readonly<Record<string, unknown>>, size: number): (Address | null)[] | undefined {
  if (!Array.isArray(addresses) || addresses.length !== size) return undefined
  const valid = addresses.slice(1).every(address => {
    const { host, port } = (address ?? {}) as Partial<Address>
    return typeof host === 'string' && Number.isInteger(port) && port! >= 0 && port! <= 65535
  })
  return valid ? addresses : undefined
}
