import { get } from 'node:http'

/** Any server says by one of these that it has its model; those that know neither say 200 to the root. */
const PATHS = ['/health', '/v1/models', '/'] as const

const MOST_MS = 5000

/** Whether a server answers as one that is ready does. A path that it does not know says nothing. */
export async function isReady(url: string, signal?: AbortSignal): Promise<boolean> {
  for (const path of PATHS) {
    const status = await statusOf(new URL(path, url).href, signal)
    if (status === 200) return true
    if (status !== 404 && status !== 405) return false
  }
  return false
}

function statusOf(url: string, signal: AbortSignal | undefined): Promise<number | undefined> {
  return new Promise(resolve => {
    const request = get(url, { agent: false, timeout: MOST_MS, ...(signal && { signal }) }, response => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('timeout', () => request.destroy()).on('error', () => resolve(undefined))
  })
}
