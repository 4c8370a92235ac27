import * as jinja from '@huggingface/jinja'

/** A value inside a template: `value` is a string, number, boolean, null, undefined, array, Map or function. */
export interface Value {
  readonly type: string
  readonly value: unknown
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
  readonly Environment: new () => Scope
  readonly tokenize: (source: string, options: { trim_blocks: boolean; lstrip_blocks: boolean }) => unknown
  readonly parse: (tokens: unknown) => Node
}
