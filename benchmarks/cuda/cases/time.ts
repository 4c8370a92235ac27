import { writeFileSync } from 'node:fs'
import { type CaseTime, timeCases } from '../../../src/native/device/cuda/testing/time-cases.ts'
import { REAL_SIZES, speedCases, TINY_SIZES } from '../../../src/native/device/testing/speed/speed-cases.ts'
import { describeResult } from '../result.ts'

export interface TimeRequest {
  readonly filter: RegExp
  /** Sizes that an emulated card gets through. */
  readonly tiny: boolean
  readonly seconds: number
  readonly json: string | undefined
  readonly command: string
}

const TINY = { device: { gpuMemory: '1GiB' }, rotateBytes: 2 ** 16, ceilingBytes: 2 ** 20 }

/** Prints what each operation takes, and what part that is of what the card does at best. @returns whether all ran. */
export async function time({ filter, tiny, seconds, json, command }: TimeRequest): Promise<boolean> {
  const cases = speedCases(tiny ? TINY_SIZES : REAL_SIZES).filter(({ name }) => filter.test(name))
  const times: CaseTime[] = []
  const { ceilings, compileSeconds } = await timeCases(cases, { ...(tiny && TINY), seconds }, each => {
    times.push(each)
    console.log(lineOf(each))
  })
  const { readBytesPerSecond, bf16OperationsPerSecond } = ceilings
  const [memory, arithmetic] = [(readBytesPerSecond / 1e9).toFixed(0), (bf16OperationsPerSecond / 1e12).toFixed(0)]
  console.log(
    `${times.length} of ${cases.length} cases; the card: ${memory} GB/s, ${arithmetic} TFLOP/s; ${compileSeconds.toFixed(1)} s to compile`,
  )
  if (json !== undefined) {
    const figures = { ceilings, compileSeconds, times }
    writeFileSync(json, `${JSON.stringify({ ...describeResult(command), ...figures }, null, 1)}\n`)
  }
  return times.length === cases.length && times.every(({ failed }) => failed === undefined)
}

function lineOf({ name, microseconds, gigabytesPerSecond, teraflops, ofCeiling, bound, kernels, failed }: CaseTime) {
  if (failed !== undefined) return `${name}: FAILED: ${failed}`
  const rate = bound === 'memory' ? `${gigabytesPerSecond.toFixed(0)} GB/s` : `${teraflops.toFixed(0)} TFLOP/s`
  const share = `${(100 * ofCeiling).toFixed(0)} %`
  return `${name.padEnd(52)} ${microseconds.toFixed(2).padStart(9)} µs ${rate.padStart(12)} ${share.padStart(5)}  ${kernels.join(' + ')}`
}
