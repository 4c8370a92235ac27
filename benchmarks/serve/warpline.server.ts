// Warpline over a mock engine.
import { createMockEngine, type MockOptions } from '../../src/mock/index.ts'
import { serve } from '../../src/serve/index.ts'
import { serveHere, settings } from './serve-here.ts'

const server = await serve({ engine: createMockEngine(settings<MockOptions>()), port: 0 })
serveHere(Number(new URL(server.url).port))
