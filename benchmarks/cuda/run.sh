#!/usr/bin/env bash
# What there is to know of a card, part by part, each within its own limit of seconds; results as JSON in OUT.
#
#   npm run build && bash benchmarks/cuda/run.sh OUT PART…
#
#   logits     whole models against transformers, which needs torch        (150 s)
#   speed      the engine beside transformers                              (170 s)
#   matrix     models, batches and prompts beside transformers             (430 s)
#   server     256 streams over HTTP                                       (120 s)
#   memory     that nothing is taken while serving                         (120 s)
#   cases      every operation against the reference, many processes       (120 s)
#   operations what operations of real models take                         (70 s)
#   memcheck, racecheck, synccheck   the same under compute-sanitizer      (240 s each)
#
# WARPLINE_COMMIT names the commit where sources are a copy without their history.
set -uo pipefail
out=$1
shift
mkdir -p "$out"
tsx=(node --import ./node_modules/tsx/dist/loader.mjs)
status=0

part() {
  local name=$1 limit=$2
  shift 2
  echo "== $name"
  local start=$SECONDS code=0
  timeout -k 5 "$limit" "$@" || code=$?
  [ $code -eq 0 ] || status=1
  echo "== $name: ended with $code after $((SECONDS - start)) s"
}

logits() {
  local reference
  reference=$(mktemp -d)
  part reference 90 python3 benchmarks/peers/hf.py reference "$reference"
  part logits 90 "${tsx[@]}" benchmarks/cuda/logits.ts "$reference" "$out"
  rm -rf "$reference"
}

for each in "$@"; do
  case $each in
    logits) logits ;;
    speed) part speed 170 bash benchmarks/cuda/against-hf.sh "$out" ;;
    matrix) part matrix 430 bash benchmarks/cuda/matrix.sh "$out" ;;
    server) part server 120 "${tsx[@]}" benchmarks/cuda/server.ts "$out" ;;
    memory) part memory 120 "${tsx[@]}" benchmarks/cuda/memory.ts "$out" ;;
    cases) part cases 120 "${tsx[@]}" benchmarks/cuda/cases.ts --processes "${PROCESSES:-14}" --out "$out" ;;
    operations) part operations 70 "${tsx[@]}" benchmarks/cuda/cases.ts --time --seconds 60 --json "$out/operations.json" ;;
    memcheck | racecheck | synccheck) part "$each" 240 bash benchmarks/cuda/sanitize.sh "$out" "$each" ;;
    *) echo "no such part: $each" && exit 2 ;;
  esac
done
exit $status
