/** What the engine's thread is at. `stage` lies within `enqueue`: a step's inputs are sent to the card. */
export type Phase = 'plan' | 'enqueue' | 'stage' | 'take' | 'tell'

/** Told where each phase begins and ends; they nest. */
export interface PhaseObserver {
  begin(phase: Phase): void
  end(): void
}

let observer: PhaseObserver | undefined

/** Lets somebody watch this thread’s loops; `undefined`: nobody. */
export function observePhases(next: PhaseObserver | undefined): void {
  observer = next
}

export function inPhase<T>(phase: Phase, action: () => T): T {
  if (observer === undefined) return action()
  const told = observer
  told.begin(phase)
  try {
    return action()
  } finally {
    told.end()
  }
}

/** The phase ends when the promise is settled. */
export async function throughPhase<T>(phase: Phase, action: () => Promise<T>): Promise<T> {
  if (observer === undefined) return await action()
  const told = observer
  told.begin(phase)
  try {
    return await action()
  } finally {
    told.end()
  }
}
