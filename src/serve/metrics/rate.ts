/** Something per second of doing it, since it was last asked. */
export class Rate {
  #amount = 0
  #seconds = 0

  /** Of totals since the start; 0 where nothing was done since. */
  next(amount: number, seconds: number): number {
    const [more, longer] = [amount - this.#amount, seconds - this.#seconds]
    this.#amount = amount
    this.#seconds = seconds
    return longer > 0 ? more / longer : 0
  }
}
