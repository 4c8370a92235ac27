import type { RequestTimeline } from './request-timeline.ts'

/** A whole answer with its timeline, where one is kept; of a list of answers, the last has it. */
export function withTimeline(answer: unknown, timeline: RequestTimeline | undefined): unknown {
  if (timeline === undefined) return answer
  if (!Array.isArray(answer)) return { ...(answer as object), timeline: timeline.end() }
  return [...answer.slice(0, -1), { ...answer.at(-1), timeline: timeline.end() }]
}

/** What ends each frame: the object that is its data is still open before it. */
const TAIL = '}\n\n'

/** The last frames of a stream, of which the very last tells the timeline, where one is kept. */
export function framesWithTimeline(frames: string, timeline: RequestTimeline | undefined): string {
  if (timeline === undefined) return frames
  const json = JSON.stringify(timeline.end())
  // With `response_fields` that name nothing, the object is empty.
  const comma = frames.endsWith(`{${TAIL}`) ? '' : ','
  return `${frames.slice(0, -TAIL.length)}${comma}"timeline":${json}${TAIL}`
}
