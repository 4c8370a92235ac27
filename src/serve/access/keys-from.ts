import { PRIORITY_CLASSES, type PriorityClass, type TenantLimits } from '../../admission/index.ts'
import { digestOf, KEY_LENGTH, type Key } from './key.ts'
import { KeysError } from './keys-error.ts'
import { LIMIT_SETTINGS } from './limit-settings.ts'

const NAME = /^[A-Za-z0-9._-]{1,64}$/
const DIGEST = /^sha256:([0-9a-f]{64})$/i
const VISIBLE = /^[\x21-\x7e]+$/
const NUMBER = /^\d+(?:\.\d+)?$/

/**
 * The keys of a file: one a line, `NAME KEY [admin] [concurrency=8] [tokens-per-minute=60000] [queue-share=0.5]
 * [weight=2] [class=bulk]`. `KEY` may stand as `sha256:` and the 64 hexadecimal digits of its SHA-256. A line with nothing but a key,
 * as in llama.cpp's files, is called `key-1`, `key-2`… Empty lines and what begins with `#` do not count.
 *
 * @throws KeysError, with the line's number
 *
 * @example
 * keysFrom('alice s3cret-s3cret-s3cret weight=2\nops sha256:9f86d0… admin')
 */
export function keysFrom(text: string): Key[] {
  const keys: Key[] = []
  const linesOfNames = new Map<string, number>()
  const linesOfDigests = new Map<string, number>()
  let unnamed = 0
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const words = line.trim().split(/\s+/)
    if (words[0] === '' || words[0]!.startsWith('#')) continue
    const refuse: Refuse = complaint => {
      throw new KeysError(`line ${i + 1}: ${complaint}`)
    }
    const key = words.length === 1 ? bareKey(words[0]!, `key-${++unnamed}`, refuse) : namedKey(words, refuse)
    unique(linesOfNames, key.name, i + 1, line => refuse(`the name of line ${line} again`))
    unique(linesOfDigests, key.digest.toString('hex'), i + 1, line => refuse(`the key of line ${line} again`))
    keys.push(key)
  }
  if (keys.length === 0) throw new KeysError('there is no key in it')
  return keys
}

/**
 * The keys of `WARPLINE_API_KEYS` and `WARPLINE_ADMIN_KEYS`: separated by commas, called `api-1`… and `admin-1`…
 *
 * @throws KeysError, with the variable and which of its keys
 */
export function keysFromEnvironment(api: string | undefined, admin: string | undefined): Key[] {
  return [...listed(api, 'WARPLINE_API_KEYS', 'api'), ...listed(admin, 'WARPLINE_ADMIN_KEYS', 'admin')]
}

function listed(list: string | undefined, variable: string, kind: 'api' | 'admin'): Key[] {
  const texts = (list ?? '').split(',').map(text => text.trim())
  return texts.flatMap((text, i) => {
    if (text === '') return []
    const key = bareKey(text, `${kind}-${i + 1}`, complaint => {
      throw new KeysError(`${variable}: key ${i + 1}: ${complaint}`)
    })
    return [{ ...key, admin: kind === 'admin' }]
  })
}

type Refuse = (complaint: string) => never

function bareKey(text: string, name: string, refuse: Refuse): Key {
  return { name, digest: digestIn(text, refuse), admin: false, limits: {} }
}

function namedKey([name = '', text = '', ...settings]: readonly string[], refuse: Refuse): Key {
  if (!NAME.test(name)) refuse('a name is 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen')
  const digest = digestIn(text, refuse)
  const limits: { -readonly [K in keyof TenantLimits]: TenantLimits[K] } = {}
  let admin = false
  let priorityClass: PriorityClass | undefined
  const seen = new Set<string>()
  for (const setting of settings) {
    const [word, value] = split(setting)
    const known = Object.hasOwn(LIMIT_SETTINGS, word) ? LIMIT_SETTINGS[word] : undefined
    // A setting that is not known may be half of a key: it is not repeated.
    if (setting !== 'admin' && word !== 'class' && known === undefined)
      refuse(`a setting is unknown: known are admin, class, ${Object.keys(LIMIT_SETTINGS).join(', ')}`)
    if (seen.has(word)) refuse(`${word} is given twice`)
    seen.add(word)
    if (word === 'class')
      priorityClass =
        PRIORITY_CLASSES.find(name => name === value) ?? refuse(`class must be one of ${PRIORITY_CLASSES.join(', ')}`)
    else if (known === undefined) admin = true
    else {
      if (!NUMBER.test(value) || !known.accepts(Number(value))) refuse(`${word} must be ${known.words}`)
      limits[known.limit] = Number(value)
    }
  }
  if (priorityClass === 'system' && !admin) refuse('class=system is for keys that are admin')
  return { name, digest, admin, limits, ...(priorityClass && { priorityClass }) }
}

function split(setting: string): [word: string, value: string] {
  const at = setting.indexOf('=')
  return at < 0 ? [setting, ''] : [setting.slice(0, at), setting.slice(at + 1)]
}

function digestIn(text: string, refuse: Refuse): Buffer {
  if (text.startsWith('sha256:'))
    return Buffer.from(DIGEST.exec(text)?.[1] ?? refuse('behind sha256: come 64 hexadecimal digits'), 'hex')
  if (!VISIBLE.test(text)) refuse('a key is made of visible ASCII characters')
  if (text.length < KEY_LENGTH.min) refuse(`the key is shorter than ${KEY_LENGTH.min} characters`)
  if (text.length > KEY_LENGTH.max) refuse(`the key is longer than ${KEY_LENGTH.max} characters`)
  return digestOf(text)
}

function unique(seen: Map<string, number>, what: string, line: number, refuse: (line: number) => never): void {
  const before = seen.get(what)
  if (before !== undefined) refuse(before)
  seen.set(what, line)
}
