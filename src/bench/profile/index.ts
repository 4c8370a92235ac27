/** Takes a step of an engine apart into the times of its operations. */
export { chromeTrace } from './chrome-trace.ts'
export type { ProfileReport, StepReport } from './report.ts'
export { runProfile } from './run.ts'
