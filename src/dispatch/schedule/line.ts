/** Jobs that wait, in order; both ends are near, whatever its length. */
export class Line {
  readonly #jobs: readonly number[]
  #first = 0
  #end: number
  /** What came back, the next to go last; it goes before all others. */
  readonly #returned: number[] = []

  /** @param jobs Belongs to the line from now on. */
  constructor(jobs: readonly number[] = []) {
    this.#jobs = jobs
    this.#end = jobs.length
  }

  get length(): number {
    return this.#returned.length + this.#end - this.#first
  }

  takeFirst(): number | undefined {
    return this.#returned.pop() ?? (this.#first < this.#end ? this.#jobs[this.#first++] : undefined)
  }

  takeLast(): number | undefined {
    return this.#first < this.#end ? this.#jobs[--this.#end] : this.#returned.shift()
  }

  /** To the front, the first of them foremost. */
  putBack(jobs: readonly number[]): void {
    for (let i = jobs.length - 1; i >= 0; i--) this.#returned.push(jobs[i]!)
  }
}
