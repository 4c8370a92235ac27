/** Who may call a route, where keys are asked for: `admin` keys may call all. */
export type Scope = 'public' | 'user' | 'admin'
