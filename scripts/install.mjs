// Runs before anything is installed: Node built-ins only, and no syntax or export that Node 16 lacks.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const NETWORK_ERRORS = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT/

/** Ends the process with one line that says what to do. */
export function fail(message) {
  console.error(`warpline: ${message}`)
  process.exit(1)
}

/** Installs what package-lock.json lists, unless it is there already. */
export function ensureInstalled() {
  requireNode()
  if (isInstalled(root)) return
  console.error('warpline: installing dependencies (npm ci)')
  // Nothing here needs an install script, so none is run.
  const args = ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  // npm's own patience is a minute: too long to learn that one is offline.
  args.push('--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=3000')
  const npm = process.env.npm_execpath
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd: root, encoding: 'utf8' })
  if (result.status !== 0) fail(installError(`${result.error ?? ''}${result.stderr ?? ''}`))
}

/** Whether node_modules holds the versions of package-lock.json; what the platform left out does not count. */
export function isInstalled(folder) {
  const lock = readLock(join(folder, 'package-lock.json'))
  const installed = readLock(join(folder, 'node_modules', '.package-lock.json'))
  return Object.entries(lock).every(([path, wanted]) => {
    if (path === '' || wanted.link) return true
    const found = installed[path]
    return found ? found.version === wanted.version && existsSync(join(folder, path)) : Boolean(wanted.optional)
  })
}

/** One line for npm's many. */
export function installError(output) {
  if (NETWORK_ERRORS.test(output)) {
    return 'the npm registry cannot be reached: go online once and run this again, or bring node_modules along'
  }
  if (/ENOSPC/.test(output)) return 'no space left on the disk for node_modules (about 340 MB)'
  const first = output.split('\n').find(line => /^npm (error|ERR!) (?!code)/.test(line)) ?? output.trim().split('\n')[0]
  const cause = (first || 'no reason given').replace(/^npm (error|ERR!) /, '')
  return `npm ci failed (${cause}): run npm ci to see all of it`
}

function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = engines.node.replace('>=', '')
  if (isOlder(process.versions.node, wanted)) {
    fail(`Node.js ${process.versions.node} is too old: install ${wanted} or newer`)
  }
}

export function isOlder(version, wanted) {
  const [major, minor] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor)
}

function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled()
