/** Times are told in whole seconds, as Retry-After counts them… */
const SECOND_MS = 1000
/** …so whoever is refused within the same tenth of a second comes back within the same tenth of a later one. */
const PHASES = 10
const PHASE_MS = SECOND_MS / PHASES

/**
 * A line to stand in: whoever joins is told a number of whole seconds, so that all come back evenly spread.
 *
 * Overload compresses: with ten times too much, a tenth of a second's refusals fill a second of the line. Were it
 * filled in order, they would all come back in the same tenth. So each phase of a second has a line of its own.
 */
export class Line {
  /** By phase: time that is taken, as the number of seconds × `PHASE_MS` and the part of the next. */
  readonly #taken = new Float64Array(PHASES)

  /**
   * Takes `ms` of the engine's time. Returns how long to stay away, in milliseconds and at least `least`; undefined,
   * with nothing taken, when that is more than `most`.
   */
  join(ms: number, now: number, least: number, most: number): number | undefined {
    const second = Math.floor(now / SECOND_MS)
    const phase = Math.min(PHASES - 1, Math.floor((now - second * SECOND_MS) / PHASE_MS))
    const first = (second + Math.ceil(least / SECOND_MS)) * PHASE_MS
    const alone = ms <= PHASE_MS
    const taken = Math.max(this.#taken[phase]!, first) + (alone ? ms : ms / PHASES)
    const wait = (Math.floor(taken / PHASE_MS) - second) * SECOND_MS
    if (!(wait <= most)) return undefined
    if (alone) this.#taken[phase] = taken
    // What fills more than a phase takes a part of each.
    else for (let i = 0; i < PHASES; i++) this.#taken[i] = Math.max(this.#taken[i]!, first) + ms / PHASES
    return wait
  }
}
