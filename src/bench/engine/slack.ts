/** Tokens that a sequence may draw before or after the steps that are measured, while others begin and steps are in flight. */
export const SLACK = 5
