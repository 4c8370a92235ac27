// npm start: from a fresh clone to a served model. Installs and builds only what is missing, then becomes
// `warpline serve`, in this very process, so that signals and the exit code need no passing on.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled, root } from './install.mjs'

ensureInstalled()
await ensureBuilt()
const cli = join(root, 'dist', 'cli.js')
process.argv = [process.execPath, cli, 'serve', ...process.argv.slice(2)]
await import(pathToFileURL(cli).href)
