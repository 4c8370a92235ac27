/** An engine without a model: tokens at a set pace. */
export { type Clock, systemClock } from './clock.ts'
export { createMockEngine, openMock } from './mock-engine.ts'
export { MOCK_DEFAULTS, type MockOptions, parseMockUrl } from './options.ts'
export { VirtualClock } from './virtual-clock.ts'
