import { expect, test } from 'vitest'
import type { SchedulingPolicy } from './policies.ts'
import { Scheduler } from './scheduler.ts'

const POLICIES: readonly SchedulingPolicy[] = ['pull', 'steal', 'round-robin']

/**
 * As it was: each rank gets one job at first, and is told to stop when it answers and there is none left. Returns the ranks
 * that wait for ever.
 */
function oldWaitForEver(jobs: number, ranks: number): readonly number[] {
  const stopped = new Set<number>()
  const working: number[] = []
  let sent = 0
  for (let rank = 1; rank <= ranks && sent < jobs; rank++, sent++) working.push(rank)
  for (let rank = working.shift(); rank !== undefined; rank = working.shift()) {
    if (sent++ < jobs) working.push(rank)
    else stopped.add(rank)
  }
  return Array.from({ length: ranks }, (_, i) => i + 1).filter(rank => !stopped.has(rank))
}

test.each(POLICIES)('old defect 10: fewer jobs than ranks end, by %s, where idle ranks were waited for', policy => {
  expect(oldWaitForEver(4, 4)).toEqual([])
  expect(oldWaitForEver(2, 4)).toEqual([3, 4])
  for (const jobs of [0, 1, 2, 3]) {
    const scheduler = new Scheduler({ jobs, ranks: [1, 2, 3, 4], policy })
    for (const rank of [1, 2, 3, 4]) scheduler.ready(rank, 8, 0)
    const assignments = scheduler.next(0)
    expect(assignments.map(({ job }) => job).sort()).toEqual(Array.from({ length: jobs }, (_, i) => i))
    for (const { rank, job, attempt } of assignments) scheduler.settled(rank, job, attempt, 1)
    expect([scheduler.finished, scheduler.next(1)]).toEqual([true, []])
  }
})
