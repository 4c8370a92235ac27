type Environment = Readonly<Record<string, string | undefined>>

/** Where {@link launch} and the ranks that it started keep what they tell each other. */
export const FOLDER_VARIABLE = 'WARPLINE_DISPATCH_FOLDER'

/** Whether whoever started the ranks lets the others live where one dies. Else one that leaves alone takes all with it. */
export function survivesLosses(env: Environment): boolean {
  return (
    env[FOLDER_VARIABLE] !== undefined ||
    env.OMPI_MCA_orte_enable_recovery === '1' ||
    env.PRTE_MCA_prte_enable_recovery === '1'
  )
}
