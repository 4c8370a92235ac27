import { Environment, Interpreter, type Node, type Scope, toValue, type Value } from './engine.ts'
import { pythonContains, pythonEquals } from './python-equality.ts'
import { pythonText } from './python-text.ts'

/** Stands in a tree for a part that was evaluated already. */
export class Evaluated implements Node {
  readonly type = 'Evaluated'
  readonly [field: string]: unknown
  constructor(readonly result: Value) {}
}

/** `{% break %}` or `{% continue %}` on its way to its loop, with what the pass had printed before it. */
class LoopExit extends Error {
  text = ''
  constructor(readonly breaks: boolean) {
    super('a loop is left where there is none')
  }
}

/** What is done here; the others are lazy or arithmetic. */
const COMPARED = new Set(['~', '==', '!=', 'in', 'not in'])

/** These print nothing, where an expression that is none prints `None`. */
const SILENT = new Set(['Set', 'Macro', 'Comment'])

/**
 * The library's interpreter where it differs from Jinja's: values print and compare as in Python; what a pass of a loop sets is
 * gone in the next; what it printed before a `break` or `continue` stays.
 */
export class PythonInterpreter extends Interpreter {
  override evaluate(node: Node | undefined, scope: Scope): Value {
    switch (node?.type) {
      case 'Evaluated':
        return (node as Evaluated).result
      case 'Break':
      case 'Continue':
        throw new LoopExit(node.type === 'Break')
      case 'For':
        return super.evaluate({ ...node, body: [{ type: 'Pass', loop: { broken: false }, body: node.body }] }, scope)
      case 'Pass':
        return this.#pass(node, scope)
      case 'BinaryExpression':
        return this.#binary(node, scope)
      default:
        return super.evaluate(node, scope)
    }
  }

  override evaluateBlock(nodes: readonly Node[], scope: Scope): Value {
    let text = ''
    try {
      for (const node of nodes) {
        const value = this.evaluate(node, scope)
        if (!SILENT.has(node.type)) text += pythonText(value)
      }
    } catch (error) {
      if (error instanceof LoopExit) error.text = text + error.text
      throw error
    }
    return toValue(text)
  }

  /** One pass of a loop's body, in a scope of its own. */
  #pass({ body, loop }: Node, scope: Scope): Value {
    const state = loop as { broken: boolean }
    if (state.broken) return toValue('')
    try {
      return this.evaluateBlock(body as readonly Node[], new Environment(scope))
    } catch (error) {
      if (!(error instanceof LoopExit)) throw error
      state.broken = error.breaks
      return toValue(error.text)
    }
  }

  #binary(node: Node, scope: Scope): Value {
    const operator = (node.operator as Node).value as string
    if (!COMPARED.has(operator)) return super.evaluate(node, scope)
    const [left, right] = [this.evaluate(node.left as Node, scope), this.evaluate(node.right as Node, scope)]
    if (operator === '~') return toValue(pythonText(left) + pythonText(right))
    const equality = operator === '==' || operator === '!='
    const holds = equality ? pythonEquals(left, right) : pythonContains(right, left)
    if (holds === undefined)
      return super.evaluate({ ...node, left: new Evaluated(left), right: new Evaluated(right) }, scope)
    return toValue(holds === (operator === '==' || operator === 'in'))
  }
}
