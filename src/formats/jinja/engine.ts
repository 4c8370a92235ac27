import * as jinja from '@huggingface/jinja'

/** A value inside a template: `value` is a string, number, boolean, array, Map, function or, where there is none, undefined. */
export interface Value {
  readonly type: string
  readonly value: unknown
  toString(): string
}

/** A node of a parsed template; what it has beside its type depends on that. */
export interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

export interface Scope {
  /** Turns plain data, or a function of plain values, into a value and declares it. */
  set(name: string, value: unknown): Value
}

interface BaseInterpreter {
  evaluate(node: Node | undefined, scope: Scope): Value
  evaluateBlock(nodes: readonly Node[], scope: Scope): Value
  run(program: Node): Value
}

/**
 * `@huggingface/jinja` as it is used here. Its own declarations do not resolve under Node's module rules, so that
 * this is the one place that says what its parts look like.
 */
export const { Interpreter, Environment, tokenize, parse } = jinja as unknown as {
  readonly Interpreter: new (scope: Scope) => BaseInterpreter
  readonly Environment: new (parent?: Scope) => Scope
  readonly tokenize: (source: string, options: { trim_blocks: boolean; lstrip_blocks: boolean }) => unknown
  readonly parse: (tokens: unknown) => Node
}

/** Plain data, or a function of plain values, as a template has it. */
export function toValue(plain: string | boolean | ((...args: unknown[]) => unknown)): Value {
  return new Environment().set('it', plain)
}
