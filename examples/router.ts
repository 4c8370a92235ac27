/**
 * Two engines as one: who answered is told with each answer. With URLs, servers elsewhere; without, two mocks in this
 * process.
 *
 *   npx tsx examples/router.ts [URL…]
 */
import { collect, openRouter, openTarget, type UpstreamSpec } from 'warpline'

const [, , ...urls] = process.argv
const upstreams: readonly UpstreamSpec[] =
  urls.length > 0
    ? urls.map(url => ({ url }))
    : [
        { name: 'one', url: 'mock:?ttft=5ms&itl=1ms' },
        { name: 'two', url: 'mock:?ttft=5ms&itl=1ms' },
      ]

await using router = await openRouter({ upstreams, policy: 'round-robin', open: ({ url }) => openTarget(url) })

const ask = async (text: string) => {
  const { start, choices } = await collect(router.generate({ input: { text }, sampling: { maxTokens: 8 } }))
  console.log(`${start.served?.upstream}:${choices[0]?.text}`)
}

for (const text of ['Once', 'upon', 'a', 'time']) await ask(text)

// What is not in the new table gets no more requests, and is closed when its last has ended.
router.reload({ upstreams: upstreams.slice(-1) })
for (const text of ['there', 'was']) await ask(text)

for (const { name, phase, requests, tokens } of router.upstreams())
  console.log(`${name} is ${phase}: ${requests} requests, ${tokens} tokens`)
