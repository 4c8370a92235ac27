import { ExpositionError } from './exposition-error.ts'
import { parseLine, type SampleLine } from './exposition-line.ts'
import { type ExpositionType, sampleNames } from './family.ts'
import { OpenFamily, type ParsedFamily } from './open-family.ts'

/**
 * The families in a text of Prometheus' format 0.0.4, by name and in their order: what `expose` was given, again.
 * Everything that the format demands is checked; the samples' times are left out.
 *
 * @throws ExpositionError
 *
 * @example
 * parseExposition(await (await fetch(`${url}/metrics`)).text()).get('warpline_requests_total')?.samples
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  const parser = new ExpositionParser()
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) parser.read(line, i + 1)
  if (lines.at(-1) !== '') throw new ExpositionError(lines.length, 'the last line does not end with a line feed')
  return parser.finish()
}

class ExpositionParser {
  readonly #families = new Map<string, ParsedFamily>()
  /** Which family each name of a line belongs to. */
  readonly #owners = new Map<string, string>()
  #open: OpenFamily | undefined
  #line = 0

  read(line: string, number: number): void {
    this.#line = number
    this.#orFail(() => {
      const said = parseLine(line)
      switch (said.kind) {
        case 'help':
          return this.#named(said.name).setHelp(said.help)
        case 'type':
          this.#named(said.name).setType(said.type)
          return this.#claim(said.name, said.type)
        case 'sample':
          return this.#ownerOf(said).add(said, number)
      }
    })
  }

  finish(): ReadonlyMap<string, ParsedFamily> {
    this.#close()
    return this.#families
  }

  /** The family that is being read, or a new one. */
  #named(name: string): OpenFamily {
    if (this.#open?.name === name) return this.#open
    this.#close()
    if (this.#families.has(name)) throw new Error(`the lines of ${name} do not stand together`)
    this.#open = new OpenFamily(name)
    return this.#open
  }

  #ownerOf({ name }: SampleLine): OpenFamily {
    const owner = this.#owners.get(name)
    if (owner !== undefined) return this.#named(owner)
    const family = this.#named(name)
    if (family.type !== 'untyped') throw new Error(`a ${family.type} has no line named ${name}`)
    this.#claim(name, 'untyped')
    return family
  }

  #claim(family: string, type: ExpositionType): void {
    for (const name of sampleNames(family, type)) {
      const owner = this.#owners.get(name)
      if (owner !== undefined) throw new Error(`${owner} has lines named ${name}, too`)
      this.#owners.set(name, family)
    }
  }

  #close(): void {
    const family = this.#open
    this.#open = undefined
    if (family) this.#families.set(family.name, family.finish())
  }

  #orFail(read: () => void): void {
    try {
      read()
    } catch (error) {
      throw error instanceof ExpositionError ? error : new ExpositionError(this.#line, (error as Error).message)
    }
  }
}
