// What the tests under MPI need: its launchers, which bring their libraries along.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Debian's packages, the launcher by which each is known to be there, and what its version says of it. */
const MPIS = [
  { name: 'Open MPI', debian: 'openmpi-bin', launchers: ['mpirun.openmpi', 'mpirun'], says: /Open MPI|OpenRTE/ },
  { name: 'MPICH', debian: 'mpich', launchers: ['mpirun.mpich', 'mpirun'], says: /HYDRA/ },
]

/** The MPIs that are not there, by what `versionOf(launcher)` says. */
export function missingMpis(versionOf) {
  return MPIS.filter(({ launchers, says }) => !launchers.some(launcher => says.test(versionOf(launcher))))
}

/** The commands that install them, where that can be done without asking anybody; none where it cannot. */
export function installCommands(missing, { isRoot, hasApt }) {
  if (missing.length === 0 || !isRoot || !hasApt) return []
  // Offline, it should say so soon.
  const patience = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=15', '-o', 'DPkg::Lock::Timeout=60']
  const packages = missing.map(({ debian }) => debian)
  return [
    ['apt-get', 'update', '-qq', ...patience],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...patience, ...packages],
  ]
}

/** Installs the MPIs that are missing, as root on Debian; elsewhere, and offline, the tests go without. */
export function ensureMpi() {
  const missing = missingMpis(versionOf)
  const machine = { isRoot: process.getuid?.() === 0, hasApt: existsSync('/usr/bin/apt-get') }
  const commands = installCommands(missing, machine)
  if (commands.length === 0) return
  console.error(
    `warpline: installing ${missing.map(({ name }) => name).join(' and ')} (apt-get), for the tests under MPI`,
  )
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const [command, ...args] of commands) spawnSync(command, args, { env, stdio: 'ignore', timeout: 300_000 })
}

export function versionOf(launcher) {
  return spawnSync(launcher, ['--version'], { encoding: 'utf8' }).stdout ?? ''
}
