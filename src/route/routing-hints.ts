import { InvalidRequestError, type RoutingHints } from '../engine/index.ts'

const SESSION_LENGTH = 256

/** @throws InvalidRequestError, which names the hint */
export function checkHints({ session, deadlineMs }: RoutingHints): void {
  if (session !== undefined && session.length > SESSION_LENGTH)
    refuse('session', `must have at most ${SESSION_LENGTH} characters, got ${session.length}`)
  if (deadlineMs !== undefined && !(deadlineMs > 0 && deadlineMs < Number.POSITIVE_INFINITY))
    refuse('deadlineMs', `must be a number of milliseconds above 0, got ${deadlineMs}`)
}

function refuse(hint: string, complaint: string): never {
  throw new InvalidRequestError(`routing.${hint} ${complaint}`, `routing.${hint}`)
}
