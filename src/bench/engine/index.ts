/** Measures an engine in process: no HTTP, no text, as llama-bench does. */
export { toCsv } from './csv.ts'
export type { Figures } from './figures.ts'
export type { EngineReport, EngineRow } from './report.ts'
export { type EngineBench, runEngineBench } from './run.ts'
export { type EngineWork, type WorkLists, worksOf } from './work.ts'
