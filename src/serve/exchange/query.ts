/** What stands behind the `?` of a request target. */
export function queryOf(target: string | undefined): URLSearchParams {
  const [, query = ''] = (target ?? '').split('?', 2)
  return new URLSearchParams(query)
}
