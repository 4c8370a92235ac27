import { expect, test } from 'vitest'
import { listTargets, targetOf } from './expand-targets.ts'
import { gpuOfWorker } from './gpu-of-worker.ts'
import { rankTarget } from './open-rank-target.ts'

test('targets come one by one, or in lists', () => {
  expect(listTargets(['a,b', ' c ', ''])).toEqual(['a', 'b', 'c'])
})

test('executing ranks take targets in turn, with their own numbers in them', () => {
  const at = (worker: number, ...targets: string[]) => targetOf(targets, { rank: worker + 1, worker, gpu: () => 7 })
  expect([0, 1, 2, 3].map(worker => at(worker, 'a', 'b', 'c'))).toEqual(['a', 'b', 'c', 'a'])
  expect(at(2, 'http://h{worker}:80{rank}/{gpu}')).toBe('http://h2:803/7')
  expect(at(0)).toBeUndefined()
  expect(() => at(0, '{host}')).toThrow('{host} is nothing that a rank has')
})

test('a host’s ranks take its cards in turn, or those of the map', () => {
  const of = (localWorker: number, map?: readonly number[]) =>
    gpuOfWorker({ worker: localWorker + 4, localWorker }, map, 2)
  expect([0, 1, 2].map(i => of(i))).toEqual([0, 1, 0])
  expect([0, 1, 2, 3].map(i => of(i, [0, 1, 1, 0]))).toEqual([0, 1, 1, 0])
  expect(() => gpuOfWorker({ worker: 0, localWorker: 0 }, undefined, 0)).toThrow('this host has no GPU')
})

const place = { rank: 2, worker: 1, localWorker: 1, localWorkers: 2 }
const onHost = (cards: number, target: string | undefined, open = {}) =>
  rankTarget({ targets: target === undefined ? [] : [target], open }, place, cards, i => `card ${i}`)

test('a model is on the rank’s own card, where there is one and nothing else was said', () => {
  expect(onHost(2, undefined)).toMatchObject({ open: { device: 'cuda:1' }, device: 'cuda:1 card 1', gpu: 1 })
  expect(onHost(2, './m', { device: 'cuda' })).toMatchObject({ open: { device: 'cuda:1' } })
  expect(onHost(2, './m', { device: 'cuda:0' })).toMatchObject({ open: { device: 'cuda:0' }, device: 'cuda:0 card 0' })
  expect(onHost(2, './m', { device: 'cpu' })).toMatchObject({ open: { device: 'cpu' }, device: 'cpu' })
})

test('ranks without cards share the cores of their host', () => {
  const { open, device } = onHost(0, undefined)
  expect(device).toBe('cpu')
  expect(open.threads).toBeGreaterThanOrEqual(1)
  expect(onHost(0, undefined, { threads: 3 }).open.threads).toBe(3)
})

test('what is elsewhere needs no card', () => {
  expect(onHost(0, 'http://one')).toEqual({ target: 'http://one', open: {}, device: '', gpu: undefined })
  expect(() => onHost(0, 'http://one/{gpu}')).toThrow('no GPU')
})
