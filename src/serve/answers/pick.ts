/**
 * The named fields of an answer, as llama.cpp's `response_fields` names them: with slashes where they stand further in,
 * and that whole name is theirs then. What is not there is left out.
 *
 * @example pick({ a: 1, b: { c: 2 } }, ['b/c', 'd']) // { 'b/c': 2 }
 */
export function pick(answer: object, names: readonly string[]): Readonly<Record<string, unknown>> {
  const found = names.map(name => [name, name.split('/').reduce(within, answer)] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== undefined))
}

function within(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null
  return isObject && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
