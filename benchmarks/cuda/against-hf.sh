#!/usr/bin/env bash
# The engine beside Hugging Face transformers on the same card, ours before and after theirs, so that a card that slows
# down is seen: OUT/against-hf.json. Transformers runs eagerly, as most who use it do; compiled and CUDA-graph variants
# (gpt-fast, torch.compile) are faster than that and are not measured here.
#
#   bash benchmarks/cuda/against-hf.sh OUT [MODEL …]
set -euo pipefail
out=$1
shift
models=("$@")
[ ${#models[@]} -gt 0 ] || models=(llama-2-7b llama-2-13b mistral-7b)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tsx=(node --import ./node_modules/tsx/dist/loader.mjs)
mkdir -p "$out"

"${tsx[@]}" benchmarks/cuda/engine.ts "${models[@]}" > "$work/before.jsonl"
# What it has measured by then counts.
timeout "${HF_SECONDS:-100}" python3 benchmarks/peers/hf.py speed "${models[@]}" > "$work/theirs.jsonl" ||
  echo "transformers did not finish" >&2
"${tsx[@]}" benchmarks/cuda/engine.ts "${models[@]}" > "$work/after.jsonl"
"${tsx[@]}" benchmarks/cuda/peers/ratios.ts "$work/before.jsonl" "$work/theirs.jsonl" "$work/after.jsonl" "$out"
