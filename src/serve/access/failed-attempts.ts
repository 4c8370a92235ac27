import type { Clock } from '../../clock/index.ts'

/** Failures that an address may have in a window before it is told to wait for the window's end. */
const MOST = 20
const WINDOW_MS = 10_000
/** Addresses that are remembered; beyond, those whose windows began first are forgotten. */
const ADDRESSES = 4096

interface Window {
  readonly beganAt: number
  failures: number
}

/** Counts who shows wrong keys, by address, in bounded memory. */
export class FailedAttempts {
  /** In the order in which the windows began. */
  readonly #windows = new Map<string, Window>()

  constructor(private readonly clock: Clock) {}

  /** Milliseconds until this address may try again; 0 where it may now. */
  waitOf(address: string | undefined): number {
    // Nearly always.
    if (this.#windows.size === 0) return 0
    const window = this.#windows.get(networkOf(address))
    if (window === undefined || window.failures < MOST) return 0
    return Math.max(0, window.beganAt + WINDOW_MS - this.clock.now())
  }

  /** Another failure. */
  add(address: string | undefined): void {
    const now = this.clock.now()
    this.#forget(now)
    const network = networkOf(address)
    const window = this.#windows.get(network)
    if (window) window.failures++
    else this.#windows.set(network, { beganAt: now, failures: 1 })
  }

  #forget(now: number): void {
    for (const [network, { beganAt }] of this.#windows) {
      if (now < beganAt + WINDOW_MS && this.#windows.size < ADDRESSES) return
      this.#windows.delete(network)
    }
  }
}

/** Of an IPv6 address its first 64 bits: who has one of them has them all. */
function networkOf(address = ''): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('%', 1)[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':')
    while (groups.length + rest.length < 8) groups.push('0')
    groups.push(...rest)
  }
  return groups.slice(0, 4).join(':')
}
