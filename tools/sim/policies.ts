export async function comparePolicies(_seed: number): Promise<string> {
  return ''
}
