import { expect, it } from 'vitest'
import { findCard } from '../../native/index.ts'
import type { Config } from '../config.ts'
import { resolveConfig } from '../resolve-config.ts'
import { testWorld } from '../testing/test-world.ts'
import { runPlan } from './index.ts'
import type { PlannedGpus } from './request.ts'

async function plan(given: Partial<Config>, here?: PlannedGpus) {
  const world = testWorld()
  const config = await resolveConfig(given, undefined, world)
  const code = await runPlan(config, world, () => here)
  return { code, text: world.out() }
}

it('says what fits, and what to expect', async () => {
  const { code, text } = await plan({ target: 'llama-3.1-8b', gpus: 'H200', batch: 32 })
  expect(code).toBe(0)
  expect(text).toMatchInlineSnapshot(`
    "llama-3.1-8b  8.03 B parameters, 32 layers; weights bf16, keys and values bf16
    1 × H200  126.36 GiB of 140.40 GiB to be used

    Memory
      driver         512.0 MiB    0 %                            the CUDA driver’s own
      weights        14.96 GiB   12 %  ███                       matrices, norms, rotation tables
      activations    287.9 MiB    0 %                            a step’s intermediate results
      workspace       67.5 MiB    0 %                            kernels’ scratch
      graphs           9.7 MiB    0 %                            recorded steps
      kv-cache       32.00 GiB   25 %  ██████                    keys and values
      headroom       78.54 GiB   62 %  ███████████████           left

    fits: 32 sequences of 8192 tokens, 16384 KV blocks
      8192 tokens each: at most 110 sequences
      32 sequences: at most 28288 tokens each

    To be expected, by the card’s data sheet
      decode       batch 32, 256 tokens behind each       7640 tok/s  bound by memory
      decode       batch 32, 8192 tokens behind each      2489 tok/s  bound by memory
      first token  prompt of 128 tokens                      3.91 ms  bound by memory
      first token  prompt of 512 tokens                      12.2 ms  bound by compute
      first token  prompt of 2048 tokens                     50.0 ms  bound by compute
      first token  prompt of 8192 tokens                      222 ms  bound by compute
    "
  `)
})

it('says what to change', async () => {
  const { code, text } = await plan({ target: 'llama-2-13b', gpus: 'RTX4090', batch: 4 })
  expect(code).toBe(1)
  expect(text).toMatchInlineSnapshot(`
    "llama-2-13b  13.02 B parameters, 40 layers; weights bf16, keys and values bf16
    1 × RTX 4090  21.59 GiB of 23.99 GiB to be used

    Memory
      driver         512.0 MiB    2 %                            the CUDA driver’s own
      weights        24.25 GiB  112 %  ███████████████████████   matrices, norms, rotation tables
      activations    322.5 MiB    1 %                            a step’s intermediate results
      workspace       53.4 MiB    0 %                            kernels’ scratch
      graphs           5.1 MiB    0 %                            recorded steps
      kv-cache         0.0 MiB    0 %                            keys and values
      headroom         0.0 MiB    0 %                            left

    does not fit: 16.03 GiB are missing for 4 sequences of 4096 tokens

    What to change
      → --quantize fp8 --kv-type fp8  both in fp8: all fits
      → --tp 2                        2 cards: all fits
      → --quantize fp8                weights in fp8: 4.02 GiB still missing, but it runs
      → --kv-type fp8                 keys and values in fp8: 9.78 GiB still missing
    "
  `)
})

it('prints one JSON object', async () => {
  const asked = { target: 'llama-2-70b', gpus: '4xH100', batch: 8, quantize: 'fp8', gpuMemory: '40GiB', json: 'true' }
  const { text } = await plan(asked as unknown as Partial<Config>)
  expect(JSON.parse(text)).toMatchObject({
    weights: 'fp8',
    gpus: { count: 4, tensorParallel: 4 },
    memory: { budgetBytes: 40 * 2 ** 30, holdsAll: true },
    advice: [],
  })
})

it('plans for the GPUs that are here', async () => {
  const here = { count: 2, name: 'NVIDIA L4', memoryBytes: 24e9, card: findCard('NVIDIA L4') }
  expect((await plan({ target: 'mistral-7b' }, here)).text).toContain('2 × NVIDIA L4')
  const unknown = { count: 1, name: 'Emulated GPU', memoryBytes: 24e9, card: undefined }
  expect((await plan({ target: 'mistral-7b' }, unknown)).text).toContain(
    'Nothing is known of the speed of Emulated GPU',
  )
})

it('without a GPU, compares cards', async () => {
  const { code, text } = await plan({ target: 'llama-2-70b', quantize: 'fp8' })
  expect(code).toBe(0)
  expect(text).toMatch(/^ {2}H200 +140\.40 GiB +1 × +\d+ +\d+(\.\d)? tok\/s +\d+ ms$/m)
  expect(text).toMatch(/^ {2}L4 .* 4 × /m)
  expect(text).not.toContain('T4')
})

it('says so where a card is too old', async () => {
  const { text } = await plan({ target: 'qwen3-0.6b', gpus: 'T4' })
  expect(text).toContain('The CUDA engine needs compute capability 8.0 or more; T4 has 7.5.')
})

it('reads a folder’s config.json alone', async () => {
  expect((await plan({ target: 'ember', gpus: 'T4' })).text).toContain('ember')
})

it.each<[Partial<Config>, string]>([
  [{ target: 'llama-9' }, 'shapes that are known without files: llama-2-7b'],
  [{ target: 'llama-2-7b', context: 5000 }, '--context: llama-2-7b was made for 4096 tokens, not 5000'],
  [{ target: 'llama-2-7b', gpus: '2xH100', tp: 4 }, '--tp: there are 2 GPUs to split the model over, not 4'],
  [{ target: 'llama-2-7b', gpus: '3xH100' }, '--tp: 32 attention heads cannot be split over 3 GPUs'],
  [{ target: 'llama-2-7b', gpus: 'Voodoo2' }, 'no figures for the GPU "Voodoo2"'],
])('refuses %j', async (given, message) => {
  await expect(plan(given)).rejects.toThrow(message)
})
