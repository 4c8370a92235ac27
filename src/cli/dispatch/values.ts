import type { ValueType } from '../value-types.ts'

/** Without a word, on the GPU. */
export const postPlace: ValueType<'cuda' | 'cpu'> = {
  expects: 'cuda or cpu',
  read: raw =>
    raw === true || raw === 'cuda' || raw === 'true' || raw === '1' ? 'cuda' : raw === 'cpu' ? 'cpu' : undefined,
}
