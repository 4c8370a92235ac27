/** An engine behind the router, as it is told of. */
export interface UpstreamSpec {
  /** Unique; what clients may ask for and metrics call it. Default: the URL without its scheme. */
  readonly name?: string
  /** Any target. */
  readonly url: string
  /** Which of the server's models. Default: the first that it lists. */
  readonly model?: string
  readonly apiKeyFile?: string
  /** Of its share of the load, above 0. Default 1. */
  readonly weight?: number
  /** Requests in flight that it is given at most; more wait here. Default: no limit, and what it cannot run waits there. */
  readonly maxInFlight?: number
}

/** What it is called: its name, else its URL without the scheme. */
export function upstreamName({ name, url }: Pick<UpstreamSpec, 'name' | 'url'>): string {
  return name ?? url.replace(/^[a-z][a-z0-9+.-]*:(\/\/)?/, '')
}

export type UpstreamPhase = 'opening' | 'ready' | 'ejected' | 'draining'

/** What a policy chooses among, and what it knows of each. */
export interface Candidate {
  readonly name: string
  readonly weight: number
  /** Counted here, from the moment of choosing to the end: polls lag behind. */
  readonly requests: number
  /** Of these requests: prompt tokens that are not processed yet, and output tokens that are still expected. */
  readonly tokens: number
  /** Requests that others have there, by its last poll; 0 where it does not tell. */
  readonly elsewhere: number
  /** Tokens a second that it was seen to make, all requests together; undefined before the first. */
  readonly tokensPerSecond: number | undefined
}
