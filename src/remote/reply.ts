/** JSON from elsewhere: nothing in it is sure. */
export type Json = Readonly<Record<string, unknown>>

/** A whole answer, read to its end. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export function jsonOf(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

export function objectIn(json: Json | undefined, key: string): Json | undefined {
  const value = json?.[key]
  return isObject(value) ? value : undefined
}

export function textIn(json: Json | undefined, key: string): string | undefined {
  const value = json?.[key]
  return typeof value === 'string' ? value : undefined
}

/** A number that is none less than 0. */
export function countIn(json: Json | undefined, key: string): number | undefined {
  const value = json?.[key]
  return typeof value === 'number' && value >= 0 ? value : undefined
}

export function headerOf(headers: Reply['headers'], name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
