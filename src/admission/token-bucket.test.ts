import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('it is full at first, is refilled evenly, and never runs over', () => {
  const bucket = new TokenBucket(600, 0)
  expect(bucket.waitMs(600, 0)).toBe(0)
  bucket.take(600, 0)
  expect([bucket.waitMs(1, 0), bucket.waitMs(600, 0), bucket.isFull(59_999)]).toEqual([100, 60_000, false])
  expect([bucket.waitMs(300, 30_000), bucket.waitMs(301, 30_000)]).toEqual([0, 100])
  expect(bucket.isFull(60_000)).toBe(true)
  bucket.take(600, 1_000_000)
  expect(bucket.waitMs(1, 1_000_000)).toBe(100)
})

test('what is overdrawn is refilled first', () => {
  const bucket = new TokenBucket(600, 0)
  bucket.take(700, 0)
  expect(bucket.waitMs(10, 0)).toBe(11_000)
  bucket.giveBack(200, 0)
  expect(bucket.waitMs(100, 0)).toBe(0)
})

test('what is larger than the bucket waits until that is full', () => {
  const bucket = new TokenBucket(600, 0)
  expect(bucket.waitMs(5000, 0)).toBe(0)
  bucket.take(6, 0)
  expect(bucket.waitMs(5000, 0)).toBe(600)
})

test('another size holds from then on', () => {
  const bucket = new TokenBucket(600, 0)
  bucket.take(600, 0)
  bucket.resize(6000, 6000)
  expect([bucket.waitMs(60, 6000), bucket.waitMs(160, 6000)]).toEqual([0, 1000])
  bucket.resize(30, 6000)
  expect(bucket.isFull(6000)).toBe(true)
})

test('whoever waits as long as it is told gets in, at any pace', () => {
  for (const perMinute of [1, 7, 1000, 123_457]) {
    const bucket = new TokenBucket(perMinute, 0)
    let now = 0.1
    for (let i = 1; i < 200; i++) {
      const tokens = (perMinute * ((i * 7) % 10)) / 10
      now += bucket.waitMs(tokens, now)
      expect(bucket.waitMs(tokens, now)).toBe(0)
      bucket.take(tokens, now)
    }
  }
})
