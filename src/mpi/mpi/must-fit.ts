import { MpiError } from '../errors.ts'

/** MPI counts in 32-bit ints. */
const MOST_ELEMENTS = 0x7fff_ffff

/** @throws MpiError where MPI cannot move so many at once */
export function mustFit(elements: number): number {
  if (elements > MOST_ELEMENTS)
    throw new MpiError('other', `${elements} elements are more than MPI moves at once: ${MOST_ELEMENTS}`)
  return elements
}
