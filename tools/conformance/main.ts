/** Asks a server what an OpenAI-compatible server should answer: see docs/conformance.md. */
import { writeFileSync } from 'node:fs'
import { Failure, type Options } from './check.ts'
import { CHECKS } from './checks/index.ts'
import { chosen } from './chosen.ts'
import { parseOptions, USAGE, UsageError } from './options.ts'
import { headLine, resultLine, tally } from './report.ts'
import { runChecks } from './run-checks.ts'

async function main(): Promise<number> {
  let options: Options | 'help'
  try {
    options = parseOptions(process.argv.slice(2))
    if (options === 'help') {
      console.log(USAGE)
      return 0
    }
    const checks = chosen(CHECKS, options.only)
    const colored = process.stdout.isTTY === true
    console.log(headLine())
    const results = await runChecks(checks, options, result => console.log(resultLine(result, colored)))
    console.log(tally(results))
    if (options.json !== undefined)
      writeFileSync(
        options.json,
        `${JSON.stringify({ url: options.url, spawn: options.spawn, strict: options.strict, seed: options.seed, date: new Date().toISOString(), results }, null, 2)}\n`,
      )
    return results.some(({ outcome }) => outcome === 'failed') ? 1 : 0
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`conformance: ${error.message}\n\n${USAGE}`)
      return 2
    }
    if (!(error instanceof Failure)) throw error
    console.error(`conformance: ${error.message}`)
    return 1
  }
}

process.exitCode = await main()
