const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Markup, as against text that is still to be escaped. */
export class Html {
  constructor(readonly markup: string) {}
}

type Part = Html | string | number | false | undefined | readonly Part[]

/**
 * Markup with texts in it, in elements and in quoted attributes; texts are escaped, so that nothing breaks out.
 *
 * @example html`<p title="${'"'}">${'<b>'}</p>`.markup // <p title="&quot;">&lt;b&gt;</p>
 */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(literals.map((literal, i) => (i === 0 ? '' : markupOf(parts[i - 1])) + literal).join(''))
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.markup
  if (Array.isArray(part)) return part.map(markupOf).join('')
  return String(part).replace(/[&<>"']/g, character => ENTITIES[character]!)
}

/** Text in which `backticks` mark code. */
export function prose(text: string): Html[] {
  return text.split('`').map((part, i) => (i % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
}
