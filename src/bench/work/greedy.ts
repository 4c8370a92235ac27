/** How answers are drawn unless a spec says otherwise: cheap to choose, and the same whenever it is asked. */
export const GREEDY = { temperature: 0 } as const
