import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useEmulator } from '../../test/emulator/emulator.ts'
import { bench } from './bench.ts'
import { check } from './check.ts'
import { KIT } from './kit.ts'
import { KitMachine } from './machine.ts'

const seed = Math.floor(Math.random() * 2 ** 31)

describe.skipIf(!useEmulator())('the kernel kit on an emulated GPU', () => {
  let cacheDirectory: string
  let machine: KitMachine
  beforeAll(() => {
    cacheDirectory = mkdtempSync(join(tmpdir(), 'warpline-kit-'))
    machine = new KitMachine({ cacheDirectory })
  })
  afterAll(() => {
    machine[Symbol.dispose]()
    rmSync(cacheDirectory, { recursive: true })
  })

  it.each(KIT)(
    '$name gives what its twin gives',
    entry => {
      for (const { size, ok, error, reason } of check(entry, machine, seed)) {
        expect({ size, seed, error, reason, ok }).toMatchObject({ ok: true })
      }
    },
    120_000,
  )

  it('sees wrong results and writes beyond the end', () => {
    const sum = KIT.find(({ name }) => name === 'vectorAdd')!
    const wrong = { ...sum, twin: () => ({ out: new Float64Array(1024).fill(9) }), checks: [{ n: 1024 }] }
    expect(check(wrong, machine, seed)).toMatchObject([{ ok: false }])
    const short: typeof sum = {
      ...sum,
      checks: [{ n: 1024 }],
      buffers: size => ({ ...sum.buffers(size), out: { type: 'f32', length: 1023, role: 'out' } }),
    }
    expect(check(short, machine, seed)).toMatchObject([{ ok: false, reason: 'writes beyond the end of out' }])
  })

  it('measures against ceilings of the same run', () => {
    const { ceilings, results } = bench(KIT, ['vectorAdd', 'spin', 'matmul-tiled'], machine, {
      sizeOf: ({ checks }) => checks[1]!,
      samples: 3,
    })
    expect(results.map(({ name }) => name)).toEqual(['vectorAdd', 'matmul-tiled', 'spin'])
    const [sum, product, spin] = results
    expect(sum?.fraction).toBeCloseTo(sum!.gigabytesPerSecond / ceilings.gigabytesPerSecond, 9)
    expect(product?.fraction).toBeCloseTo(product!.teraflops / ceilings.teraflops, 9)
    expect(spin?.fraction).toBeUndefined()
  }, 120_000)
})
