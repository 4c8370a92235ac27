// A vitest reporter for scripts/test.mjs: what passed, failed and was skipped (and why), as JSON in a file.
import { writeFileSync } from 'node:fs'

export default class Tally {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const inState = state => tests.filter(test => test.result().state === state)
    // A file that cannot be loaded has no tests that could fail.
    const broken = modules.filter(module => module.state() === 'failed' && module.errors().length > 0)
    const tally = {
      passed: inState('passed').length,
      failed: inState('failed').length + broken.length + unhandledErrors.length,
      skipped: inState('skipped').map(test => ({ name: test.fullName, why: test.result().note })),
    }
    writeFileSync(process.env.WARPLINE_TALLY, JSON.stringify(tally))
  }
}
