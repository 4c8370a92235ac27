import type { Value } from './engine.ts'

/** A value as Python's `str()` writes it, which is what a template prints: `True`, `None`, `['a', 1]`. */
export function pythonText(value: Value): string {
  return typeof value.value === 'string' ? value.value : pythonSource(value)
}

/** As `repr()` writes it. */
function pythonSource(whole: Value): string {
  const { type, value } = whole
  if (type === 'NullValue') return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) {
    const items = (value as readonly Value[]).map(pythonSource)
    return type === 'TupleValue' ? `(${items.join(', ')}${items.length === 1 ? ',' : ''})` : `[${items.join(', ')}]`
  }
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Value>)]
    return `{${entries.map(([key, item]) => `${quoted(key)}: ${pythonSource(item)}`).join(', ')}}`
  }
  // The library's own knows a whole float from an integer.
  return typeof value === 'number' ? whole.toString() : ''
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.replace(/[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}'"]|(?! )\p{Zs}/gu, char => {
    if (char === '"' || char === "'") return char === quote ? `\\${char}` : char
    return ESCAPES[char] ?? numbered(char.codePointAt(0)!)
  })
  return quote + body + quote
}

function numbered(code: number): string {
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
