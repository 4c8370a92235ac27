import { type Html, html } from '../../html/index.ts'
import type { Chart } from './chart.ts'

/** The charts of a page: each has a place in its markup, and its data in one list at the end. */
export class Figures {
  readonly charts: Record<string, Chart> = {}

  /** Nothing where there is nothing to draw. */
  add(id: string, caption: string, chart: Chart | undefined, note?: string): Html | undefined {
    if (chart === undefined) return undefined
    this.charts[id] = chart
    return html`<figure${chart.kind === 'heat' && html` class="wide"`}><figcaption>${caption}${
      note !== undefined && html` <span>${note}</span>`
    }</figcaption><div class="plot" data-chart="${id}"></div></figure>
`
  }

  /** As text of a script element: nothing in it ends the element or opens a comment. */
  get json(): string {
    return JSON.stringify(this.charts).replaceAll('<', '\\u003c')
  }
}
