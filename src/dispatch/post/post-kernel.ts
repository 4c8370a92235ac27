/** What is done with an answer's tokens once it is there. */
export interface PostKernel extends AsyncDisposable {
  /** Where: `cuda:0 NVIDIA H200`, `cpu`. */
  readonly device: string
  /** Resolves to the ms that the kernel took, by the card's own events; of no tokens, 0. */
  run(tokens: Uint32Array): Promise<number>
}

export interface PostOptions {
  readonly where: 'cuda' | 'cpu'
  /** Rounds of the generator for each token. Default 5000. */
  readonly rounds: number
}
