/** Measures engines: how fast they are beside what their card gives, and where a step's time goes. */

export { type EngineReport, type EngineRow, runEngineBench, toCsv, worksOf } from './engine/index.ts'
export { chromeTrace, type ProfileReport, runProfile, type StepReport } from './profile/index.ts'
