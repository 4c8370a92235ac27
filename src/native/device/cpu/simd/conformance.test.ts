import { afterAll, describe, expect, it } from 'vitest'
import { casesFor } from '../../testing/cases.ts'
import { errorOf } from '../../testing/conformance.ts'
import { createCpuDevice } from './device.ts'

describe.each([1, 3])('the CPU device on %i threads, against the reference', async threads => {
  const device = await createCpuDevice({ threads, chunkWork: 1 })
  afterAll(() => device[Symbol.asyncDispose]())

  it.each(casesFor(device))('$name', async deviceCase => {
    expect(await errorOf(device, deviceCase, deviceCase.seed)).toBeLessThanOrEqual(deviceCase.tolerance)
  })
})
