/** An engine without a model: tokens at a set pace. */
export { type Clock, systemClock, VirtualClock } from '../clock/index.ts'
export { createMockEngine, openMock } from './mock-engine.ts'
export { MOCK_DEFAULTS, type MockOptions, parseMockUrl } from './options.ts'
