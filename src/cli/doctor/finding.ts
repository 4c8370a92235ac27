/** One thing that a machine has or lacks. */
export interface Finding {
  readonly group: string
  readonly name: string
  readonly status: 'ok' | 'missing' | 'broken'
  /** Whether Warpline cannot work at all without it. */
  readonly needed: boolean
  readonly detail: string
  /** What to do about it, when it is not ok. */
  readonly advice?: string
}
