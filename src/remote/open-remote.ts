import { systemClock } from '../clock/index.ts'
import { type Engine, OverloadedError } from '../engine/index.ts'
import { apiKeyOf } from './api-key.ts'
import { backoffMs } from './backoff.ts'
import { Connection } from './connection.ts'
import { findOut } from './find-out.ts'
import { REMOTE_DEFAULTS, type RemoteOptions } from './options.ts'
import { RemoteEngine } from './remote-engine.ts'
import { parseServerUrl } from './server-url.ts'

/**
 * Opens a server elsewhere: vLLM, llama-server, SGLang, TGI, Ollama, a warpline, or any other that is OpenAI-compatible;
 * which one it is, it finds out.
 *
 * @throws InvalidTargetError, UnreachableError, UnauthorizedError, OverloadedError where the server still loads, after `retries` more looks
 *
 * @example
 * await using engine = await openRemote('http://127.0.0.1:8080')
 */
export async function openRemote(url: string, options: RemoteOptions = {}): Promise<Engine> {
  const connection = new Connection(parseServerUrl(url), apiKeyOf(options), options)
  const { retries = REMOTE_DEFAULTS.retries, clock = systemClock } = options
  for (let retry = 0; ; retry++)
    try {
      return new RemoteEngine(connection, await findOut(connection, options.model), options)
    } catch (error) {
      if (error instanceof OverloadedError && retry < retries) {
        const wait = backoffMs(retry, error.retryAfterMs)
        await new Promise<void>(resolve => clock.at(clock.now() + wait, resolve))
        continue
      }
      await connection.close()
      throw error
    }
}
