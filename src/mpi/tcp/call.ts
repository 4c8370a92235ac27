import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { MpiError } from '../errors.ts'
import type { Address } from './address.ts'

const AGAIN_MS = 50

/** Not there yet, perhaps. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
])

/** Calls until somebody listens there. @throws MpiError once `deadline` (of `performance.now`) has passed */
export async function call(address: Address, deadline: number): Promise<Socket> {
  for (;;) {
    try {
      return await once(address, deadline - performance.now())
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (PASSING.has(code ?? '') && performance.now() + AGAIN_MS < deadline) await sleep(AGAIN_MS)
      else {
        const what = `nobody could be reached at ${address.host}:${address.port} (${code ?? message})`
        throw new MpiError('unavailable', what, undefined, { cause: error })
      }
    }
  }
}

function once({ host, port }: Address, patienceMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error('it does not answer')), Math.max(1, patienceMs))
    socket.once('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}
