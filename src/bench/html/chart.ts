/** What the page's script draws: plain data, so that all that is computed is computed, and tested, here. */
export type Chart = LineChart | CurveChart | HeatChart

export type Unit = 'ms' | 's' | 'tok/s' | 'req/s' | 'requests' | '%'

export interface Axis {
  readonly label: string
  readonly unit: Unit
  readonly log?: boolean
  /** From here to there, whatever the data; else as the data lie, linear ones from 0. */
  readonly range?: readonly [number, number]
}

/** Which of a palette: `step` of `steps` where an order is to be seen, else one of a few that are easy to tell apart. */
export type Colour = { readonly kind: number } | { readonly step: number; readonly steps: number }

export interface Line {
  readonly name: string
  readonly values: readonly (number | null)[]
  readonly colour: Colour
  readonly dashed?: boolean
  readonly as?: 'area' | 'steps' | 'bars'
}

/** Lines over one common, ascending x. */
export interface LineChart {
  readonly kind: 'lines'
  readonly x: Axis
  readonly y: Axis
  readonly xs: readonly number[]
  readonly lines: readonly Line[]
  /** The part of x that counts; the rest is shaded. */
  readonly counts?: readonly [number, number]
  /** Charts of one name show one cursor. */
  readonly together?: string
}

/** Points that are joined in an order of their own, each with its name. */
export interface CurveChart {
  readonly kind: 'curve'
  readonly x: Axis
  readonly y: Axis
  /** By ascending x. */
  readonly points: readonly { readonly x: number; readonly label: string }[]
  readonly curves: readonly {
    readonly name: string
    readonly colour: Colour
    readonly dashed?: boolean
    /** Whether points bear their labels. */
    readonly labelled?: boolean
    /** An entry for each of `points`; null where it is another curve's. */
    readonly values: readonly (number | null)[]
    /** Indices into `points`. */
    readonly order: readonly number[]
  }[]
}

/** Counts by time and length. */
export interface HeatChart {
  readonly kind: 'heat'
  readonly x: Axis
  readonly y: Axis
  /** Edges of the columns and of the rows: one more than there are of each. */
  readonly xs: readonly number[]
  readonly ys: readonly number[]
  /** `counts[column][row]`. */
  readonly counts: readonly (readonly number[])[]
  readonly together?: string
}
