// Looks at the clock for so many seconds, and tells of each time that it was kept from it for longer than so many ms.
const [seconds, least] = process.argv.slice(2).map(Number)
const pauses = []
const begin = performance.now()
let last = begin
while (last - begin < 1000 * seconds) {
  const now = performance.now()
  // The first moments are the compiler's.
  if (now - last > least && now - begin > 500) pauses.push(now - last)
  last = now
}
process.send(pauses, () => process.disconnect())
