#!/usr/bin/env bash
# Models × batches × prompts, in process, beside Hugging Face transformers on the same card in the same call:
# OUT/matrix-against-hf.json, and of our own cells OUT/matrix/ (a JSON each, summary.json, .csv and .html). A few cells are
# measured again afterwards, so that a card that slows down is seen. What transformers has measured when its time is over
# counts; cells of ours that OUT/matrix holds already are not measured again.
#
#   bash benchmarks/cuda/matrix.sh OUT [MODEL …]
#
# BATCHES, PROMPTS: lists, e.g. 1,8. HF_SECONDS: of transformers, for each model. OPTIONS: of our engine, as JSON.
set -euo pipefail
out=$1
shift
models=("$@")
[ ${#models[@]} -gt 0 ] || models=(llama-2-7b llama-2-13b mistral-7b)
batches=${BATCHES:-1,4,8,16}
prompts=${PROMPTS:-128,512,1024,2048}
options=${OPTIONS:-'{"device": "cuda", "loadFormat": "dummy"}'}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tsx=(node --import ./node_modules/tsx/dist/loader.mjs)
mkdir -p "$out"

names=$(printf '"%s", ' "${models[@]}")
matrix() {
  echo "{\"models\": [${names%, }], \"batches\": [$1], \"promptLengths\": [$2], \"options\": $options, \"ceilings\": ${CEILINGS:-true}}"
}
matrix "$batches" "$prompts" > "$work/all.json"
matrix "${batches%%,*},${batches##*,}" "${prompts%%,*}" > "$work/few.json"

"${tsx[@]}" benchmarks/cuda/matrix.ts "$work/all.json" "$out/matrix" || echo "some cells of ours were not measured" >&2
for model in "${models[@]}"; do
  timeout "${HF_SECONDS:-110}" python3 benchmarks/peers/hf.py matrix "$work/all.json" "$model" >> "$work/theirs.jsonl" ||
    echo "transformers did not finish $model" >&2
done
"${tsx[@]}" benchmarks/cuda/matrix.ts "$work/few.json" "$work/after" || true
"${tsx[@]}" benchmarks/cuda/peers/matrix-ratios.ts "$out/matrix" "$work/theirs.jsonl" "$work/after" "$out"
