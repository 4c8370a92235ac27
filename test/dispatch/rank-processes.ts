import { readdirSync, readFileSync } from 'node:fs'

/** Ranks of one run are told apart from all other processes by the file that they write. */
interface RankProcess {
  readonly rank: number
  readonly pid: number
}

/** Processes of Node that are ranks and bear this text in their command line. */
export function rankProcesses(mark: string): readonly RankProcess[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [program = '', ...args] = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      if (!/node[^/]*$/.test(program) || !args.some(arg => arg.includes(mark))) return []
      const [, rank] =
        /(?:^|\0)(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)\0/.exec(readFileSync(`/proc/${name}/environ`, 'utf8')) ?? []
      return rank === undefined ? [] : [{ rank: Number(rank), pid: Number(name) }]
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}
