import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Writes bytes to a connection and returns the head that comes back: what there is of it when it closes or `ms` have passed. */
export function raw(url: string, bytes: string | Uint8Array, ms: number, signal: AbortSignal): Promise<string> {
  const { protocol, hostname, port } = new URL(url)
  const isSecure = protocol === 'https:'
  const at = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) || (isSecure ? 443 : 80) }
  return new Promise((resolve, reject) => {
    const socket = isSecure ? connectTls(at) : connect(at)
    let reply = ''
    const over = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      socket.destroy()
      resolve(reply)
    }
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over, { once: true })
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      reply += chunk
      if (reply.includes('\r\n\r\n')) over()
    })
    socket.on('close', over)
    socket.on('error', error =>
      reply === '' && (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? reject(error) : over(),
    )
    socket.write(bytes)
  })
}
