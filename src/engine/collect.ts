import { InternalError } from './errors.ts'
import type { ChosenLogprob, DoneEvent, Event, StartEvent } from './events.ts'

export interface CollectedChoice {
  readonly text: string
  readonly ids: readonly number[]
  /** One entry for each of `ids`; absent when none were asked for. */
  readonly logprobs?: readonly ChosenLogprob[]
}

export interface Collected {
  readonly start: StartEvent
  /** One entry for each of the `n` answers, in order. */
  readonly choices: readonly CollectedChoice[]
  readonly done: DoneEvent
}

/**
 * Reads a whole answer; `see` is shown each event as it comes.
 *
 * @throws what the iteration throws; InternalError where an engine breaks the order start, tokens, done
 *
 * @example
 * const { choices, done } = await collect(engine.generate({ input: { text: 'Once' } }))
 */
export async function collect(events: AsyncIterable<Event>, see?: (event: Event) => void): Promise<Collected> {
  let start: StartEvent | undefined
  let done: DoneEvent | undefined
  const texts: string[] = []
  const ids: number[][] = []
  const logprobs: ChosenLogprob[][] = []

  for await (const event of events) {
    see?.(event)
    if (done) throw new InternalError(`the engine sent ${event.type} after done`)
    if ((start === undefined) !== (event.type === 'start'))
      throw new InternalError(start ? 'the engine sent start twice' : `the engine sent ${event.type} before start`)
    if (event.type === 'start') start = event
    else if (event.type === 'done') done = event
    else {
      const { choice } = event
      texts[choice] = (texts[choice] ?? '') + event.text
      ids[choice] ??= []
      for (const id of event.ids) ids[choice].push(id)
      if (event.logprobs) {
        logprobs[choice] ??= []
        for (const logprob of event.logprobs) logprobs[choice].push(logprob)
      }
    }
  }
  if (!start || !done) throw new InternalError('the engine ended a request without done')

  const choices = done.choices.map((_, i): CollectedChoice => {
    const ofChoice = logprobs[i]
    return { text: texts[i] ?? '', ids: ids[i] ?? [], ...(ofChoice && { logprobs: ofChoice }) }
  })
  return { start, choices, done }
}
