import { MpiError } from '../errors.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** `host:port`, `[::1]:port`. @throws MpiError */
export function addressIn(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) < 1 || Number(port) > 65535)
    throw new MpiError('unavailable', `the rendezvous is HOST:PORT, e.g. 10.0.0.1:4100, not "${text}"`)
  return { host, port: Number(port) }
}

export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
