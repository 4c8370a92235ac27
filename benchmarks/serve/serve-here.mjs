/** The other end of `Child`: tells the port, answers questions, ends with its parent. */
export function serveHere(port, answers = {}) {
  const known = { resources, collect: () => globalThis.gc?.(), ...answers }
  process.on('message', question => void reply(known[question]()))
  process.on('disconnect', () => process.exit(0))
  process.send({ port })
}

async function reply(answer) {
  // What says nothing is answered, too.
  process.send((await answer) ?? null)
}

/** What the process was told to do. */
export function settings() {
  return JSON.parse(process.argv[2])
}

/** Of this process; see `Resources` in child.ts. */
function resources() {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() }
}
