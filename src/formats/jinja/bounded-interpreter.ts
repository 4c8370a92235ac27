import { type Node, type Scope, toValue, type Value } from './engine.ts'
import { Evaluated, PythonInterpreter } from './python-interpreter.ts'
import { pythonText } from './python-text.ts'
import { STRING_METHODS } from './string-methods.ts'

/** A template asked for more than it may have. */
export class LimitError extends Error {}

/** Nothing that a chat template prints is nested deeper. */
const MAX_DEPTH = 64
const MAX_INDENT = 64

/**
 * Runs a template under two bounds. `maxLength`: characters of any text or, spelled out, of any list or map that comes
 * up in between. `maxWork`: evaluated nodes, each one more for every 128 characters or 16 items that it gives, so
 * that an operation on something long is paid for by its length. Operations whose result may be far larger than
 * what goes in (`replace`, `join`, `indent`) are checked before they run; a list that holds another many times counts
 * as often as it would be printed.
 */
export class BoundedInterpreter extends PythonInterpreter {
  readonly #sizes = new WeakMap<object, number>()
  #work = 0

  constructor(
    scope: Scope,
    readonly maxLength: number,
    readonly maxWork: number,
  ) {
    super(scope)
  }

  override evaluate(node: Node | undefined, scope: Scope): Value {
    this.#spend(1)
    const prepared = this.#prepare(node, scope)
    const value = super.evaluate(prepared, scope)
    this.#check(value)
    return value
  }

  /** Evaluates what has to be looked at first, and puts methods of our own in the place of the library's. */
  #prepare(node: Node | undefined, scope: Scope): Node | undefined {
    switch (node?.type) {
      case 'MemberExpression':
        return this.#prepareMember(node, this.evaluate(node.object as Node, scope))
      case 'FilterExpression':
        return this.#prepareFilter(node.filter as Node, this.evaluate(node.operand as Node, scope))
      case 'FilterStatement':
        return this.#prepareFilter(node.filter as Node, this.evaluateBlock(node.body as Node[], scope))
      default:
        return node
    }
  }

  #prepareMember(node: Node, object: Value): Node {
    const name = (node.property as Node).value
    if (typeof object.value === 'string' && !node.computed && typeof name === 'string') {
      const method = this.#method(name, object.value)
      if (method !== undefined) return method
    }
    return { ...node, object: new Evaluated(object) }
  }

  /** `operand | name` or `operand | name(…)` */
  #prepareFilter(filter: Node, operand: Value): Node {
    const called = filter.type === 'CallExpression'
    const name = (called ? (filter.callee as Node).value : filter.value) as string
    const args = called ? (filter.args as readonly Node[]) : []
    if (typeof operand.value === 'string') {
      const method = this.#method(name === 'trim' ? 'strip' : name, operand.value)
      if (method !== undefined && FILTERS.has(name)) return { type: 'CallExpression', callee: method, args }
    }
    if (name === 'join' && Array.isArray(operand.value)) {
      const callee = this.#function((separator: unknown = '') =>
        this.#join(String(separator), operand.value as Value[]),
      )
      return { type: 'CallExpression', callee, args }
    }
    if (name === 'string') return new Evaluated(toValue(pythonText(operand)))
    if (name === 'tojson') for (const argument of args) checkIndent(argument)
    return { type: 'FilterExpression', filter, operand: new Evaluated(operand) }
  }

  #method(name: string, self: string): Evaluated | undefined {
    if (name === 'join') return this.#function((items: unknown) => this.#join(self, items as Value[]))
    const method = Object.hasOwn(STRING_METHODS, name) ? STRING_METHODS[name] : undefined
    return method && this.#function((...args) => method(self, args, length => this.#fits(length)))
  }

  #join(separator: string, items: readonly Value[]): string {
    if (!Array.isArray(items)) throw new Error('join needs a list')
    this.#fits(items.reduce((sum, item) => sum + separator.length + this.#size(item, 0), 0))
    return items.map(pythonText).join(separator)
  }

  #function(body: (...args: unknown[]) => unknown): Evaluated {
    return new Evaluated(toValue(body))
  }

  #check({ type, value }: Value): void {
    if (typeof value === 'string') {
      this.#spend(value.length >> 7)
      this.#fits(value.length)
    } else if (typeof value === 'object' && value !== null) this.#fits(this.#size({ type, value }, 0))
  }

  /** About how many characters the value has when it is printed. */
  #size({ type, value }: Value, depth: number): number {
    if (typeof value === 'string') return value.length + 2
    if (typeof value !== 'object' || value === null) return 8
    const known = this.#sizes.get(value)
    if (known !== undefined) return known
    // Namespaces alone can change: one within another value would make what was measured wrong.
    if (depth > 0 && type === 'NamespaceValue') throw new LimitError('puts a namespace into another value')
    if (depth > MAX_DEPTH) throw new LimitError(`nests values more than ${MAX_DEPTH} deep`)
    const items = [...(value as readonly Value[] | ReadonlyMap<string, Value>).values()]
    this.#spend(items.length >> 4)
    const size = items.reduce((sum, item) => sum + 2 + this.#size(item, depth + 1), 2)
    if (type !== 'NamespaceValue') this.#sizes.set(value, size)
    return size
  }

  #spend(work: number): void {
    this.#work += work
    if (this.#work > this.maxWork) throw new LimitError('takes too many steps')
  }

  #fits(length: number): void {
    if (length > this.maxLength) throw new LimitError(`makes more than ${this.maxLength} characters`)
  }
}

/** Filters on strings that are the string's methods by another door. */
const FILTERS = new Set(['trim', 'replace', 'indent', 'capitalize'])

/** `tojson(indent=…)`: a number as it stands, or else it could be any. */
function checkIndent(argument: Node): void {
  if (argument.type !== 'KeywordArgumentExpression' || (argument.key as Node).value !== 'indent') return
  const { type, value } = argument.value as Node
  if (type === 'Identifier' && (value === 'none' || value === 'None')) return
  if (type !== 'IntegerLiteral' || !((value as number) <= MAX_INDENT))
    throw new LimitError(`indents JSON by something else than a number up to ${MAX_INDENT}`)
}
