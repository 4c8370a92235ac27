import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's folder, of sources and compiled alike. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** What starts this same program: the words before its own. It is another process, so that nothing of it is loaded here. */
export const OWN_COMMAND: readonly string[] = import.meta.url.endsWith('.ts')
  ? [process.execPath, '--import', import.meta.resolve('tsx'), join(ROOT, 'src', 'cli.ts')]
  : [process.execPath, join(ROOT, 'dist', 'cli.js')]
