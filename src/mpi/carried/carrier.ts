import type { MpiError } from '../errors.ts'

/** Which communicator a message belongs to, and how it is marked there. */
export interface Envelope {
  /** 8 bytes in hex, the same at all members. */
  readonly context: string
  /** 0 … 2³² − 1: users have those up to `TAG_LIMIT`, collectives count through all in contexts of their own. */
  readonly tag: number
}

/** Where what comes is put down. */
export interface Inbox {
  arrive(source: number, envelope: Envelope, data: Buffer): void
  /** Nothing more comes from that rank, and nothing reaches it; `left`: it had said all that it had to say. */
  lose(rank: number, error: MpiError, left: boolean): void
}

/** Carries messages between all members of a world, in order from each to each. Matching is not its business. */
export interface Carrier {
  readonly rank: number
  readonly size: number
  readonly host: string
  readonly library: string
  /** Messages go to `inbox` from now on; those that came before are kept for it. */
  open(inbox: Inbox): void
  /** Resolves once `data` may be changed again. To itself too. @throws MpiError of kind `lost` */
  send(to: number, envelope: Envelope, data: Buffer): Promise<void>
  /** Lets nothing more come from that rank until it is let go: more waits here than is good. */
  hold?(source: number, held: boolean): void
  abort(code: number): never
  close(alone: boolean): Promise<void>
}
