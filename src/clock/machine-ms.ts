/** Ms of the machine's monotonic clock: the same in every process on it. */
export function machineMs(): number {
  return offset + performance.now()
}

/** `performance.now()` is the same clock, counted from the process's own start: both are read until no time passed between. */
const offset = (() => {
  let best = Number.POSITIVE_INFINITY
  let offset = 0
  for (let i = 0; i < 100; i++) {
    const before = performance.now()
    const [seconds, nanoseconds] = process.hrtime()
    const after = performance.now()
    if (after - before >= best) continue
    best = after - before
    offset = seconds * 1e3 + nanoseconds / 1e6 - (before + after) / 2
  }
  return offset
})()
