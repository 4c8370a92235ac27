import { afterAll, describe, expect, it } from 'vitest'
import { DEVICE_CASES } from '../../testing/cases.ts'
import { errorOf } from '../../testing/conformance.ts'
import { createCpuDevice } from './device.ts'

describe.each([1, 3])('the CPU device on %i threads, against the reference', async threads => {
  const device = await createCpuDevice({ threads, chunkWork: 1 })
  afterAll(() => device[Symbol.asyncDispose]())

  it.each(DEVICE_CASES.map((deviceCase, i) => ({ deviceCase, name: deviceCase.name, seed: i + 1 })))(
    '$name',
    ({ deviceCase, seed }) => {
      expect(errorOf(device, deviceCase, seed)).toBeLessThanOrEqual(deviceCase.tolerance)
    },
  )
})
