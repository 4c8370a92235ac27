#!/usr/bin/env bash
# The device's cases under compute-sanitizer: OUT/memcheck.json, OUT/racecheck.json, OUT/synccheck.json.
#
#   bash benchmarks/cuda/sanitize.sh OUT [memcheck racecheck synccheck]
#
# memcheck: accesses outside of allocations, or misaligned. racecheck: shared memory written and read without a barrier
# in between. synccheck: barriers that not all threads reach. SMALL=40000 leaves out the larger cases, ACTIVATIONS=bf16
# all but one type: what there is no time for.
# API errors are not reported: libraries ask for functions that may be missing, and the engine checks its own calls.
set -uo pipefail
out=$1
shift
tools=("$@")
[ ${#tools[@]} -gt 0 ] || tools=(memcheck racecheck synccheck)
processes=${PROCESSES:-12}
status=0
limits=(--small "${SMALL:-2000000}" --activation "${ACTIVATIONS:-bf16,f16,f32}" --invariant no)
command -v compute-sanitizer > /dev/null || PATH=$PATH:/usr/local/cuda/bin
for tool in "${tools[@]}"; do
  case $tool in
    memcheck | racecheck | synccheck) ;;
    *) echo "no such tool: $tool" && exit 2 ;;
  esac
  under="compute-sanitizer --tool $tool --error-exitcode 9 --report-api-errors no --target-processes application-only --print-limit 5"
  echo "$tool"
  node --import ./node_modules/tsx/dist/loader.mjs benchmarks/cuda/cases.ts "${limits[@]}" --processes "$processes" \
    --under "$under" --name "$tool" --out "$out" || status=1
done
exit $status
