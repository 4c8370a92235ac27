import { expect, test } from 'vitest'
import { ContextLengthError, InvalidTargetError, UnreachableError } from '../../engine/index.ts'
import { WarplineError } from '../../errors.ts'
import { WorkFileError } from '../../prompts/index.ts'
import { arrived, carried } from './carried-error.ts'

test.each([
  [new UnreachableError('nobody listens there'), UnreachableError],
  [new InvalidTargetError('no such scheme'), InvalidTargetError],
  [new WorkFileError('prompts.jsonl', 17, 'no prompt'), WarplineError],
  [new ContextLengthError(9000, 8192), WarplineError],
])('an error is itself on the other side: %s', (error, Class) => {
  const other = arrived(structuredClone(carried(error)))
  expect(other).toBeInstanceOf(Class)
  expect(other).toMatchObject({ message: error.message, name: error.name, code: error.code })
})

test('what nobody threw on purpose keeps its stack', () => {
  const error = new TypeError('x is not a function')
  const other = arrived(structuredClone(carried(error)))
  expect(other).not.toBeInstanceOf(WarplineError)
  expect(other).toMatchObject({ message: error.message, name: 'TypeError', stack: error.stack })
})
