import { expect, test } from 'vitest'
import { CARDS, findCard, parseGpus, UnknownCardError } from './cards.ts'

test.each([
  ['NVIDIA H200', 'H200'],
  ['NVIDIA H100 80GB HBM3', 'H100 SXM'],
  ['NVIDIA A100-SXM4-40GB', 'A100 40GB'],
  ['NVIDIA A100 80GB PCIe', 'A100 80GB PCIe'],
  ['NVIDIA GeForce RTX 4090', 'RTX 4090'],
  ['NVIDIA RTX 6000 Ada Generation', 'RTX 6000 Ada'],
  ['NVIDIA RTX PRO 6000 Blackwell Server Edition', 'RTX PRO 6000'],
  ['Tesla V100-SXM2-32GB', 'V100 32GB'],
  ['Tesla T4', 'T4'],
])('the driver’s %s is %s', (reported, name) => {
  expect(findCard(reported)?.name).toBe(name)
})

test('what only looks like a card is none', () => {
  expect(findCard('NVIDIA GeForce RTX 4090 Laptop GPU')).toBeUndefined()
  expect(findCard('')).toBeUndefined()
})

test.each([
  ['2xRTX4090', 2, 'RTX 4090'],
  ['8 × h100', 8, 'H100 SXM'],
  ['h200', 1, 'H200'],
  ['4*A100-40GB', 4, 'A100 40GB'],
])('%s', (text, count, name) => {
  expect(parseGpus(text)).toMatchObject({ count, card: { name } })
})

test.each(['0xH100', 'RTX 9999', '2x', ''])('refuses "%s"', text => {
  expect(() => parseGpus(text)).toThrow(UnknownCardError)
})

test('no name means two cards', () => {
  for (const card of CARDS) for (const name of [card.name, ...card.aliases]) expect(findCard(name)).toBe(card)
})
