import koffi, { type LibraryHandle } from 'koffi'

declare const type: unique symbol

/** A parameter's type, once for the foreign call and once for TypeScript. */
export class Kind<T> {
  declare readonly [type]: T

  constructor(
    /** The type as koffi calls it. */
    readonly native: string,
  ) {}
}

/** The kinds of a function's parameters, in order. */
export type Signature = readonly Kind<unknown>[]

/** The functions of a table of signatures; each gives a status. */
export type Functions<T extends Readonly<Record<string, Signature>>> = {
  readonly [Name in keyof T]: (...args: Arguments<T[Name]>) => number
}

type Arguments<S extends Signature> = {
  -readonly [Index in keyof S]: S[Index] extends Kind<infer T> ? T : never
}

/** Binds the functions of a library that all give a 32-bit status. A function that the library lacks throws when called. */
export function bind<T extends Readonly<Record<string, Signature>>>(path: string, table: T): Functions<T> {
  const library = koffi.load(path)
  const functions: Record<string, unknown> = {}
  for (const [name, signature] of Object.entries(table)) {
    const parameters = signature.map(({ native }) => native)
    functions[name] = bindOne(library, path, name, parameters)
  }
  return functions as Functions<T>
}

function bindOne(library: LibraryHandle, path: string, name: string, parameters: string[]): unknown {
  try {
    return library.func(name, 'int32_t', parameters)
  } catch {
    return () => {
      throw new TypeError(`${path} has no ${name}: it is too old`)
    }
  }
}
