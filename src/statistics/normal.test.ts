import { expect, test } from 'vitest'
import { normalCdf, normalQuantile, studentQuantile } from './index.ts'

test.each([
  [0, 0.5],
  [1, 0.8413447460685429],
  [-1.96, 0.0249978951482204],
  [-3, 0.0013498980316301],
  [6, 0.9999999990134124],
  [-9, 0],
  [40, 1],
])('the share below %d', (x, share) => {
  expect(normalCdf(x)).toBeCloseTo(share, 14)
})

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.0005, -3.290526731491926],
  [1e-9, -5.997807015],
])('the quantile of %d', (share, x) => {
  expect(normalQuantile(share)).toBeCloseTo(x, 6)
})

// Of printed tables.
test.each([
  [4, 2.7764],
  [5, 2.5706],
  [10, 2.2281],
  [30, 2.0423],
  [1e9, 1.96],
])("Student's t of %d degrees of freedom", (freedom, t) => {
  expect(studentQuantile(0.975, freedom) / t).toBeCloseTo(1, 3)
})
