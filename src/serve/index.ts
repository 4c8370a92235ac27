/** An engine over HTTP, as OpenAI's clients expect it. */
export type { Access, Caller } from './access/access.ts'
export { InsecureBindError, ListenError } from './errors/errors.ts'
export type { ServeOptions } from './options.ts'
export { type Server, serve } from './serve.ts'
