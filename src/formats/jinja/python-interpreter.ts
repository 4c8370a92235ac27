import { Environment, Interpreter, type Node, type Scope, toValue, type Value } from './engine.ts'
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

/** These print nothing, where an expression that is none prints `None`. */
const SILENT = new Set(['Set', 'Macro', 'Comment'])

/**
 * The library's interpreter where it differs from Jinja's: values print as in Python; what a pass of a loop sets is
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
        return (node.operator as Node).value === '~' ? this.#concatenate(node, scope) : super.evaluate(node, scope)
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

  #concatenate({ left, right }: Node, scope: Scope): Value {
    const [first, second] = [this.evaluate(left as Node, scope), this.evaluate(right as Node, scope)]
    return toValue(pythonText(first) + pythonText(second))
  }
}
