import type { JobResult } from '../../job-result.ts'

/** A result as a rank might give it; the same for the same job. */
export const sampleResult = (index: number, more: Partial<JobResult> = {}): JobResult => ({
  index,
  ok: true,
  text: `answer ${index}`,
  promptTokens: 3,
  cachedTokens: 0,
  outputTokens: 2,
  latencyMs: 10,
  waitMs: 4,
  serviceMs: 5,
  rank: 1,
  attempts: 1,
  ...more,
})
