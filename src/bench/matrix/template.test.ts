import { expect, test } from 'vitest'
import { fill } from './template.ts'

const cell = { model: 'm', batch: 4, promptLength: 512, gpus: 2, quantize: 'q4', gpuLayers: 20 } as const

test('every word stands for what the cell says', () => {
  expect(fill('{model}-{quantize}.gguf -np {batch} -c {promptLength} -ngl {gpuLayers} {gpus} {port}', cell, 8080)).toBe(
    'm-q4.gguf -np 4 -c 512 -ngl 20 2 8080',
  )
})

test('a word that stands for nothing is named, and so are those there are', () => {
  expect(() => fill('{modell}', cell, undefined)).toThrow(
    '"{modell}" in "{modell}" stands for nothing: there are {model}, {batch}, {promptLength}, {gpus}, {quantize}, {gpuLayers}',
  )
  expect(() => fill('{toString}', cell, 1)).toThrow('stands for nothing')
})
