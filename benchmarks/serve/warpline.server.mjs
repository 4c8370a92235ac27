// Warpline over a mock engine.
import { createMockEngine } from 'warpline/mock'
import { serve } from 'warpline/serve'
import { serveHere, settings } from './serve-here.mjs'

const server = await serve({ engine: createMockEngine(settings()), port: 0 })
serveHere(Number(new URL(server.url).port))
