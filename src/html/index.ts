/** Pages that need nothing but themselves. */

export { digest } from './digest.ts'
export { Html, html, prose } from './html.ts'
