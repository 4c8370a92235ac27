"""Hugging Face transformers beside the engine, on the same card: what it computes, and how fast.

    python3 benchmarks/peers/hf.py reference FOLDER     logits and greedy text of 4 layers at Llama-2-7B's width, float32
    python3 benchmarks/peers/hf.py speed [MODEL ...]    one JSON line for each model, batch and prompt
    python3 benchmarks/peers/hf.py matrix FILE MODEL    one JSON line for each batch and prompt of a matrix's file

Needs torch and transformers and a GPU. The weights are those that the engine makes for --load-format dummy, value by
value, rounded to bfloat16 (src/native/model/random-weights.ts).
"""

import gc
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM

SHAPES = {
    "llama-2-7b": (LlamaConfig, LlamaForCausalLM, dict(hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=32, vocab_size=32000, max_position_embeddings=4096, rms_norm_eps=1e-5)),
    "llama-2-13b": (LlamaConfig, LlamaForCausalLM, dict(hidden_size=5120, intermediate_size=13824, num_hidden_layers=40, num_attention_heads=40, num_key_value_heads=40, vocab_size=32000, max_position_embeddings=4096, rms_norm_eps=1e-5)),
    "mistral-7b": (MistralConfig, MistralForCausalLM, dict(hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, vocab_size=32000, max_position_embeddings=32768, sliding_window=None, rms_norm_eps=1e-5)),
}
MASK = 0xFFFFFFFF
DEVIATION = 0.02


def mix(h):
    """MurmurHash3's finaliser, of a Python integer or a tensor of them."""
    h = h & MASK
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & MASK
    return h ^ (h >> 16)


def name_hash(name):
    h = 0
    for letter in name:
        h = mix(h + ord(letter))
    return h


def random_tensor(name, shape, seed):
    if name.endswith("norm.weight"):
        return torch.ones(shape, device="cuda")
    key = mix(name_hash(name) ^ mix(seed))
    count = math.prod(shape)
    out = torch.empty(count, device="cuda")
    piece = 1 << 26
    scale = DEVIATION * math.sqrt(12) / 2**32
    for first in range(0, count, piece):
        last = min(first + piece, count)
        bits = mix(torch.arange(key + first, key + last, device="cuda", dtype=torch.int64))
        signed = torch.where(bits >= 2**31, bits - 2**32, bits)
        out[first:last] = (signed.double() * scale).float()
    return out.view(shape)


def build(name, dtype, layers=None, seed=None, attention="sdpa"):
    config_class, model_class, shape = SHAPES[name]
    config = config_class(**shape | ({"num_hidden_layers": layers} if layers else {}))
    config._attn_implementation = attention
    with torch.device("meta"):
        model = model_class(config)
    model = model.to(dtype).to_empty(device="cuda")
    for tensor_name, parameter in model.named_parameters():
        if seed is not None:
            parameter.data.copy_(random_tensor(tensor_name, tuple(parameter.shape), seed).bfloat16())
        elif parameter.dim() > 1:
            parameter.data.normal_(0, DEVIATION)
        else:
            parameter.data.fill_(1)
    model.model.rotary_emb = type(model.model.rotary_emb)(config, device="cuda")
    head = config.hidden_size // config.num_attention_heads
    assert abs(model.model.rotary_emb.inv_freq[1].item() - 10000 ** (-2 / head)) < 1e-6, "another rope than the engine's"
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0
    return model.eval()


def reference(folder):
    """Logits of every position of prompts of 1, 17, 512 and 2048 tokens (of the last 256 at most), and 64 greedy tokens."""
    torch.backends.cuda.matmul.allow_tf32 = False
    folder.mkdir(parents=True, exist_ok=True)
    model = build("llama-2-7b", torch.float32, layers=4, seed=1, attention="eager")
    generator = torch.Generator().manual_seed(7)
    cases = []
    for length in (1, 17, 512, 2048):
        prompt = torch.randint(1, 32000, (1, length), generator=generator)
        with torch.inference_mode():
            out = model(prompt.cuda(), use_cache=True)
            logits = out.logits[0, -256:].float().cpu().contiguous()
            logits.numpy().tofile(folder / f"logits-{length}.f32")
            greedy, top = [], []
            row, cache = out.logits[0, -1], out.past_key_values
            for _ in range(64):
                best = torch.topk(row.float(), 5).indices.tolist()
                greedy.append(best[0])
                top.append(best)
                out = model(torch.tensor([[best[0]]], device="cuda"), past_key_values=cache, use_cache=True)
                row, cache = out.logits[0, -1], out.past_key_values
        cases.append(dict(prompt=prompt[0].tolist(), rows=len(logits), greedy=greedy, top=top))
    del model, cache
    gc.collect()
    torch.cuda.empty_cache()
    # What rounding to bfloat16 costs transformers itself: a measure for anybody else who computes in it.
    model = build("llama-2-7b", torch.bfloat16, layers=4, seed=1, attention="sdpa")
    for case in cases:
        exact = torch.from_numpy(np.fromfile(folder / f"logits-{len(case['prompt'])}.f32", dtype=np.float32)).view(case["rows"], -1)
        with torch.inference_mode():
            rounded = model(torch.tensor([case["prompt"]], device="cuda")).logits[0, -256:].float().cpu()
        case["bf16Error"] = float(((rounded - exact).norm(dim=-1) / exact.norm(dim=-1)).max())
    (folder / "cases.json").write_text(json.dumps(cases))


def timed(action):
    torch.cuda.synchronize()
    start = time.perf_counter()
    action()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def speed(names, cases):
    for name in names:
        model = build(name, torch.bfloat16)
        for batch, prompt, new in cases:
            ids = torch.randint(1, 32000, (batch, prompt), device="cuda")
            mask = torch.ones_like(ids)

            def generate(count):
                model.generate(ids, attention_mask=mask, max_new_tokens=count, min_new_tokens=count, do_sample=False)

            generate(4)
            first = min(timed(lambda: generate(1)) for _ in range(3))
            whole = min(timed(lambda: generate(new)) for _ in range(2))
            rate = batch * (new - 1) / (whole - first)
            print(json.dumps(dict(engine=f"transformers {transformers.__version__}, torch {torch.__version__}, eager, sdpa", model=name, batch=batch, prompt=prompt, new=new, firstTokenMs=round(first * 1e3, 2), decodeTokensPerSecond=round(rate, 1))), flush=True)
        del model
        gc.collect()
        torch.cuda.empty_cache()


def matrix(spec, name):
    """The cells of `warpline bench matrix` in its order: `steps` decode steps behind `warmUp` of them, the better of two tries."""
    model = build(name, torch.bfloat16)
    steps, warm_up = spec.get("steps", 20), spec.get("warmUp", 5)
    engine = f"transformers {transformers.__version__}, torch {torch.__version__}, eager, sdpa"
    for batch in spec["batches"]:
        for prompt in spec["promptLengths"]:
            cell = dict(engine=engine, model=name, batch=batch, promptLength=prompt)
            try:
                print(json.dumps(cell | measure_cell(model, batch, prompt, warm_up, steps)), flush=True)
            except torch.cuda.OutOfMemoryError:
                print(json.dumps(cell | dict(failed="out of memory")), flush=True)
            gc.collect()
            torch.cuda.empty_cache()


def measure_cell(model, batch, prompt, warm_up, steps):
    ids = torch.randint(1, 32000, (batch, prompt), device="cuda")
    mask = torch.ones_like(ids)

    def best(count, times):
        return min(timed(lambda: model.generate(ids, attention_mask=mask, max_new_tokens=count, min_new_tokens=count, do_sample=False)) for _ in range(times))

    torch.cuda.reset_peak_memory_stats()
    # The whole length once before: its cache grows by a tensor a layer and step, and what their sizes take of the card's
    # memory is asked for the first time only.
    best(1 + warm_up + steps, 1)
    first = best(1, 2)
    step = (best(1 + warm_up + steps, 2) - best(1 + warm_up, 2)) / steps
    return dict(firstTokenMs=round(first * 1e3, 3), msPerStep=round(step * 1e3, 4), decodeTokensPerSecond=round(batch / step, 2), memoryBytes=torch.cuda.max_memory_reserved())


if __name__ == "__main__":
    if sys.argv[1] == "reference":
        reference(Path(sys.argv[2]))
    elif sys.argv[1] == "matrix":
        matrix(json.loads(Path(sys.argv[2]).read_text()), sys.argv[3])
    else:
        speed(sys.argv[2:] or ["llama-2-7b"], [(1, 128, 48), (32, 128, 32), (1, 2048, 8)])
