import { join } from 'node:path'
import { FormatError } from '../errors.ts'
import { quote } from '../quote.ts'
import type { TokenizerParts } from './base-tokenizer.ts'
import { readDecoder } from './decoder.ts'
import { FastTokenizer } from './fast-tokenizer.ts'
import { LibraryTokenizer } from './library-tokenizer.ts'
import { type Normalizer, readNormalizer } from './normalizer.ts'
import { UnknownPart } from './oniguruma.ts'
import { type Frame, readPostProcessor } from './post-processor.ts'
import type { Tokenizer } from './tokenizer.ts'
import { readTokenizerConfig, type TokenizerConfig } from './tokenizer-config.ts'
import { readTokenizerFile, type TokenizerFile } from './tokenizer-file.ts'
import { Vocabulary } from './vocabulary.ts'

const PROBE = 'The warp, 1 801 thréads.\n 織 🙂'

/**
 * The tokenizer of a model's folder: `tokenizer.json`, and where they are there `tokenizer_config.json`,
 * `special_tokens_map.json` and `generation_config.json`.
 *
 * @throws FormatError where a file is missing, damaged or of an unknown kind
 */
export async function loadTokenizer(directory: string): Promise<Tokenizer> {
  const file = readTokenizerFile(join(directory, 'tokenizer.json'))
  const config = readTokenizerConfig(directory)
  const parts = readParts(file, config)
  try {
    return new FastTokenizer(file, parts)
  } catch (error) {
    if (!(error instanceof UnknownPart)) throw error
  }
  return attempt(file.path, () => {
    const tokenizer = new LibraryTokenizer(file.root, parts)
    // The library finds much of what is wrong only when it works.
    tokenizer.encode(PROBE)
    tokenizer.encode(PROBE, { parseSpecial: false })
    return tokenizer
  })
}

function readParts(file: TokenizerFile, config: TokenizerConfig): TokenizerParts {
  const vocabulary = new Vocabulary(file, config, normalizerOf(file))
  if (vocabulary.size === 0) throw new FormatError(file.path, 'holds no tokens')
  const bosId = roleId(vocabulary, config.bos) ?? config.bosId
  const eosId = roleId(vocabulary, config.eos) ?? config.eosId
  return {
    vocabulary,
    bosId,
    eosId,
    frame: checked(
      file,
      vocabulary,
      attempt(file.path, () => readPostProcessor(file.postProcessor)),
    ),
    decoder: attempt(file.path, () => readDecoder(file.decoder)),
  }
}

/** Where it is not known, tokens stay as they are: none of that kind is known to have tokens to normalize. */
function normalizerOf(file: TokenizerFile): Normalizer {
  try {
    return readNormalizer(file.normalizer)
  } catch (error) {
    if (error instanceof UnknownPart) return text => text
    throw error
  }
}

function roleId(vocabulary: Vocabulary, token: string | undefined): number | undefined {
  return token === undefined ? undefined : vocabulary.id(token)
}

function checked(file: TokenizerFile, vocabulary: Vocabulary, frame: Frame): Frame {
  const stray = [...frame.before, ...frame.after].find(id => vocabulary.token(id) === undefined)
  if (stray === undefined) return frame
  throw new FormatError(file.path, `the post-processor adds the token ${stray}, which the vocabulary lacks`)
}

/** Turns what the library or a reader of ours throws into one line about the file. */
function attempt<T>(path: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    const reason = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause)
    throw new FormatError(path, `holds a tokenizer of a kind that is not known: ${quote(reason)}`, { cause })
  }
}
