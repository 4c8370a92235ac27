/**
 * Part of `matrix.sh`: `matrix.ts FILE FOLDER` measures the cells of FILE in process, as `warpline bench matrix` does,
 * and needs no command line for it.
 */
import { readMatrixFile, runMatrix } from '../../src/bench/matrix/index.ts'

const [file, folder] = process.argv.slice(2)
const { cells, missing } = await runMatrix(await readMatrixFile(file!), {
  folder: folder!,
  command: 'bash benchmarks/cuda/matrix.sh OUT',
  onProgress: text => console.error(text),
})
if (missing > 0 || cells.some(({ figures }) => figures === null)) process.exitCode = 1
