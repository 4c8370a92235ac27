import { type TokensEvent, UNKNOWN_TOKEN } from '../../engine/index.ts'

/** What a client has of an answer that may have to be gone on with elsewhere. Of one choice. */
export class Handed {
  readonly ids: number[] = []
  text = ''
  /** Each id was told. */
  isKnown = true

  take({ ids, text }: TokensEvent): void {
    for (const id of ids) {
      if (id === UNKNOWN_TOKEN) this.isKnown = false
      this.ids.push(id)
    }
    this.text += text
  }
}
