export function serveHere(port: number, answers?: Readonly<Record<string, () => unknown>>): void
export function settings<T>(): T
