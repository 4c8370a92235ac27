import koffi from 'koffi'

/** Where bytes lie in this process, as a number: addresses of user space are below 2^47. */
export function addressOf(bytes: ArrayBuffer): number {
  return Number(koffi.address(bytes))
}
