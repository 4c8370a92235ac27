import { expect, test } from 'vitest'
import { testCard } from './testing/test-card.ts'

const card = testCard()

test.skipIf(card === undefined)('a card has rates, and is left as it was', async () => {
  await using device = await card!.open()
  const { workspace } = device.seal()
  const { readBytesPerSecond, bf16OperationsPerSecond } = device.ceilings(2 ** 18)
  expect(readBytesPerSecond).toBeGreaterThan(1e6)
  expect(bf16OperationsPerSecond).toBeGreaterThan(1e6)
  expect(device.seal().workspace).toBe(workspace)
})
