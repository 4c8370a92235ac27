import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { MpiError } from '../errors.ts'
import type { Conversation } from './conversation.ts'

/** Who we are, to a peer. */
export interface Self {
  readonly rank: number
  readonly size: number
  readonly secret: string
}

/** Where a rank listens for those above it. */
export interface Listening {
  /** Undefined: at the address that it comes from. */
  readonly host: string | undefined
  /** 0: nowhere. */
  readonly port: number
}

export interface Hello extends Listening {
  readonly rank: number
  readonly size: number
  readonly nonce: string
}

const PROTOCOL = 'warpline ranks 1'

/**
 * Gets to know the rank that we have called. Both prove that they know the secret, over what both have said and chosen at
 * random, so that nothing that was heard before proves anything; the secret itself does not go over the wire.
 *
 * @throws MpiError of kind `unavailable`, which says what does not fit
 */
export async function introduceOurselves(
  to: Conversation,
  { rank, size, secret }: Self,
  listening: Listening,
  expected: number,
): Promise<void> {
  const hello: Hello = { rank, size, nonce: nonce(), ...listening }
  to.say({ protocol: PROTOCOL, ...hello })
  const answer = await to.hear()
  if (!proves(answer.proof, secret, 'called', hello, answer.nonce, expected))
    throw to.refuse('the secrets differ (WARPLINE_SECRET)')
  to.say({ proof: proof(secret, 'caller', hello, answer.nonce, expected) })
  await to.hear()
}

/**
 * Gets to know a rank that has called us. `admit` takes it in, or says what is against it.
 *
 * @throws MpiError of kind `unavailable`, which says what does not fit; the caller is told the same
 */
export async function hearIntroduction(
  from: Conversation,
  { rank, size, secret }: Self,
  admit: (hello: Hello) => string | undefined,
): Promise<void> {
  const words = await from.hear()
  const hello = helloIn(words)
  if (!hello) throw from.refuse('it speaks another protocol')
  const ours = nonce()
  from.say({ nonce: ours, proof: proof(secret, 'called', hello, ours, rank) })
  const { proof: theirs } = await from.hear()
  if (!proves(theirs, secret, 'caller', hello, ours, rank)) throw refused('the secrets differ (WARPLINE_SECRET)')
  // Only now, as whoever does not know the secret need not learn this either.
  if (hello.size !== size) throw refused(`it takes the group for ${hello.size} ranks, and it has ${size}`)
  const against = admit(hello)
  if (against) throw refused(against)
  from.say({ welcome: true })

  function refused(why: string): MpiError {
    return from.refuse(`rank ${hello!.rank}: ${why}`)
  }
}

function helloIn(words: Readonly<Record<string, unknown>>): Hello | undefined {
  const { protocol, rank, size, nonce, host, port } = words
  const whole = [rank, size, port].every(value => Number.isInteger(value) && (value as number) >= 0)
  if (protocol !== PROTOCOL || !whole || typeof nonce !== 'string' || !/^[0-9a-f]{64}$/.test(nonce)) return undefined
  if (host !== undefined && typeof host !== 'string') return undefined
  return { rank: rank as number, size: size as number, port: port as number, nonce, host }
}

const nonce = () => randomBytes(32).toString('hex')

type Role = 'caller' | 'called'

/** Roles differ, so that nobody can be made to prove for another. */
function proof(secret: string, role: Role, hello: Hello, nonce: unknown, called: number): string {
  const { rank, size, nonce: theirs, host = null, port } = hello
  const said = JSON.stringify([PROTOCOL, role, rank, called, size, host, port, theirs, nonce])
  return createHmac('sha256', secret).update(said).digest('hex')
}

function proves(claim: unknown, secret: string, role: Role, hello: Hello, nonce: unknown, called: number): boolean {
  if (typeof nonce !== 'string' || typeof claim !== 'string') return false
  const right = Buffer.from(proof(secret, role, hello, nonce, called))
  const given = Buffer.from(claim)
  return given.length === right.length && timingSafeEqual(given, right)
}
