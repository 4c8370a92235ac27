/** An engine over HTTP, as OpenAI's clients expect it. */
export { InsecureBindError, ListenError } from './errors/errors.ts'
export { type ServeOptions, type Server, serve } from './serve.ts'
