#!/usr/bin/env node
// The command. In a clone it first installs and builds what is missing; the package brings all of it.
import { existsSync } from 'node:fs'

if (existsSync(new URL('../scripts/build.mjs', import.meta.url))) {
  const { ensureBuilt } = await import('../scripts/build.mjs')
  await ensureBuilt()
}
await import('../dist/cli.js')
