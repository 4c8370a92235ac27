import type { Engine } from '../engine/index.ts'
import { apiKeyOf } from './api-key.ts'
import { Connection } from './connection.ts'
import { findOut } from './find-out.ts'
import type { RemoteOptions } from './options.ts'
import { RemoteEngine } from './remote-engine.ts'
import { parseServerUrl } from './server-url.ts'

/**
 * Opens a server elsewhere: vLLM, llama-server, SGLang, TGI, Ollama, a warpline, or any other that is OpenAI-compatible;
 * which one it is, it finds out.
 *
 * @throws InvalidTargetError, UnreachableError, UnauthorizedError, OverloadedError while the server loads
 *
 * @example
 * await using engine = await openRemote('http://127.0.0.1:8080')
 */
export async function openRemote(url: string, options: RemoteOptions = {}): Promise<Engine> {
  const connection = new Connection(parseServerUrl(url), apiKeyOf(options), options)
  try {
    return new RemoteEngine(connection, await findOut(connection, options.model), options)
  } catch (error) {
    await connection.close()
    throw error
  }
}
