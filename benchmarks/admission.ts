/**
 * What admission costs a request, with room in the engine, behind a long queue, and when it is refused:
 *
 *   npx tsx --expose-gc benchmarks/admission.ts
 */
import { Admission, type AdmissionRequest } from '../src/admission/index.ts'

const BOOKINGS = 50_000
const tenant = { name: 'a', limits: {} }
const request: AdmissionRequest = { tenant, promptTokens: 100, outputTokens: 256, sequences: 1, priority: 0 }

function world(sequences: number, queueTokens: number) {
  let now = 0
  const capacity = { sequences, kvTokensFree: Number.POSITIVE_INFINITY }
  const clock = { now: () => now, at: () => () => {} }
  const admission = new Admission({ clock, queueTokens, queueTimeMs: 1e6, capacity: () => capacity })
  const enter = (name: string) => {
    try {
      return admission.enter({ ...request, fingerprint: () => name })
    } catch {
      return undefined
    }
  }
  return { admission, enter, pass: (ms: number) => (now += ms) }
}

/** A full queue, and so many refused requests that will be back within the next minutes. */
function overloaded(bookings: number) {
  const it = world(1, 1000)
  const first = it.admission.enter(request)
  first.started(0)
  first.generated(1_000_000)
  it.pass(1000)
  first.leave('completed')
  for (let i = 0; i < 6; i++) it.enter('filler')
  while (it.admission.snapshot().bookings < bookings) it.enter(`early ${it.admission.snapshot().bookings}`)
  return it
}

/** Microseconds of one call, in the best of several rounds. */
function measure(name: string, times: number, round: () => (i: number) => void): void {
  let best = Number.POSITIVE_INFINITY
  for (let rounds = 0; rounds < 7; rounds++) {
    const run = round()
    const from = performance.now()
    for (let i = 0; i < times; i++) run(i)
    best = Math.min(best, ((performance.now() - from) * 1000) / times)
  }
  console.log(`${name.padEnd(56)} ${best.toFixed(2).padStart(7)} µs`)
}

measure('enter, started, leave, with room in the engine', 200_000, () => {
  const { admission } = world(32, 1e9)
  return () => {
    const place = admission.enter(request)
    place.started(0)
    place.leave('completed')
  }
})

measure('generated', 1_000_000, () => {
  const place = world(32, 1e9).admission.enter(request)
  place.started(0)
  return () => place.generated(1)
})

measure('enter, wait behind 10 000, started, leave', 20_000, () => {
  const { admission } = world(1, 1e9)
  const places = Array.from({ length: 10_002 }, () => admission.enter(request))
  let next = 0
  return () => {
    places.push(admission.enter(request))
    places[next]!.started(0)
    places[next++]!.leave('completed')
  }
})

for (const bookings of [0, BOOKINGS]) {
  measure(`refuse and book, beside ${bookings} bookings`, 3000, () => {
    const { enter } = overloaded(bookings)
    return i => enter(`late ${i}`)
  })
}

globalThis.gc?.()
const before = process.memoryUsage().heapUsed
const { admission } = overloaded(BOOKINGS)
globalThis.gc?.()
const bytes = (process.memoryUsage().heapUsed - before) / admission.snapshot().bookings
console.log(`${'memory of a booking'.padEnd(56)} ${bytes.toFixed(0).padStart(7)} bytes`)
