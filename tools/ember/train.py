"""Trains ember from nothing: corpus, tokeniser, model, evaluation. One GPU, a few minutes.

    python3 tools/ember/train.py --out models/ember --minutes 6
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import time
import traceback
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import evaluate
from generate import HELDOUT, SEED, corpus, forbidden, heldout
from model import ROPE_THETA, SHAPE, Ember
from tokenizer import ASSISTANT, BEGIN, END, SPECIAL, SYSTEM, USER, build, save

ROW = SHAPE["max_position_embeddings"] + 1
ON_PROMPTS = 0.05     # weight of the loss on what the user says: a little helps it read, answers matter


def say(*words: object) -> None:
    print(f"{time.strftime('%H:%M:%S')}", *words, flush=True)


def pack(tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    """Whole conversations one after another in rows; each row begins with a new one, and the last is cut."""
    rows, row = [], []
    for start in range(0, len(texts), 20000):
        for encoding in tokenizer.encode_batch(texts[start:start + 20000], add_special_tokens=False):
            row.extend(encoding.ids)
            if len(row) >= ROW:
                rows.append(np.array(row[:ROW], dtype=np.int16))
                row = []
    return np.stack(rows)


def weights(ids: torch.Tensor) -> torch.Tensor:
    """The loss weight of each token as a label, from the special token that governs it."""
    place = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
    last = torch.where(ids < len(SPECIAL), place, 0).cummax(dim=1).values
    role = ids.gather(1, last)[:, :-1]
    label = ids[:, 1:]
    prompt = ((role == USER) | (role == SYSTEM)).float() * ON_PROMPTS
    answer = (role == ASSISTANT).float()
    plain = (((role == BEGIN) | (role == END)) & (label >= len(SPECIAL)) | (role == BEGIN) & (label == END)).float()
    return prompt + answer + plain


def fit(rows: np.ndarray, minutes: float, batch: int, peak: float) -> Ember:
    torch.manual_seed(SEED)
    torch.set_float32_matmul_precision("high")
    data = torch.from_numpy(rows).cuda()
    model = Ember().cuda()
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
                                  lr=peak, betas=(0.9, 0.95), fused=True)

    def loss_of(ids: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cuda", dtype=torch.bfloat16):
            logits = model(ids[:, :-1])
        losses = F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        weight = weights(ids).flatten()
        return (losses * weight).sum() / weight.sum()

    compiled = torch.compile(loss_of)
    order, at, step, began = torch.randperm(len(data), device="cuda"), 0, 0, None
    while True:
        progress = (time.time() - began) / (60 * minutes) if began else 0.0
        if progress >= 1:
            break
        rate = peak * min(1, (step + 1) / 300) * (0.5 + 0.5 * math.cos(math.pi * progress))
        for group in optimiser.param_groups:
            group["lr"] = rate
        if at + batch > len(data):
            order, at = torch.randperm(len(data), device="cuda"), 0
        ids = data[order[at:at + batch]].long()
        at += batch
        loss = compiled(ids)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
        if step == 10:
            torch.cuda.synchronize()
            began = time.time()    # the clock starts once everything is compiled
            say("compiled")
        if step % 500 == 0:
            say(f"step {step}, {100 * progress:.0f} %, loss {loss.item():.4f}, {step * batch * (ROW - 1) / (time.time() - began) / 1e6:.2f} M tokens/s")
    say(f"{step} steps, {step * batch / len(data):.1f} epochs, last loss {loss.item():.4f}")
    return model


def write(model: Ember, folder: Path) -> None:
    """The weights in bf16 and the configuration, written by transformers itself."""
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(**SHAPE, tie_word_embeddings=True, attention_bias=False, mlp_bias=False, hidden_act="silu",
                         bos_token_id=BEGIN, eos_token_id=END, pad_token_id=END)
    twin = LlamaForCausalLM(config)
    state = {name: value.detach().float().cpu() for name, value in model.state_dict().items()}
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.eval()
    twin.load_state_dict(state, strict=True)
    twin.tie_weights()
    ids = torch.randint(5, SHAPE["vocab_size"], (2, 300))
    with torch.no_grad():
        gap = (twin.eval()(ids).logits - model.cpu().float()(ids)).abs().max().item()
    say(f"largest difference to transformers' logits: {gap:.2e}")
    twin = twin.to(torch.bfloat16)
    twin.generation_config = GenerationConfig(do_sample=True, temperature=0.3, top_p=0.9, max_new_tokens=512,
                                              bos_token_id=BEGIN, eos_token_id=END, pad_token_id=END)
    twin.save_pretrained(folder)
    path = folder / "config.json"
    saved = json.loads(path.read_text())
    # Older readers look for these two names.
    saved.update(torch_dtype="bfloat16", rope_theta=ROPE_THETA)
    path.write_text(json.dumps(saved, indent=2) + "\n")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--report", type=Path, help="where the evaluation is written; nowhere by default")
    options.add_argument("--minutes", type=float, default=6)
    options.add_argument("--texts", type=int, default=600_000)
    options.add_argument("--batch", type=int, default=64)
    options.add_argument("--rate", type=float, default=2e-3)
    arguments = options.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    random.seed(SEED)

    held = forbidden(heldout())
    texts = corpus(arguments.texts, held, os.cpu_count() or 1)
    say(f"{len(texts)} texts, {sum(map(len, texts)) / 1e6:.0f} M characters")
    pieces = (piece for text in texts[:60_000] for piece in text.replace("<|", "|>").split("|>")
              if piece and piece not in ("begin", "end", "system", "user", "assistant"))
    tokenizer = build(pieces, SHAPE["vocab_size"])
    save(tokenizer, arguments.out, SHAPE["max_position_embeddings"])
    rows = pack(tokenizer, texts)
    say(f"vocabulary {tokenizer.get_vocab_size()}, {len(rows)} rows, {rows.size / 1e6:.0f} M tokens")
    del texts
    model = fit(rows, arguments.minutes, arguments.batch, arguments.rate)
    say(f"{sum(p.numel() for p in model.parameters())} parameters")
    try:
        write(model, arguments.out)
    except Exception:
        # Never lose a trained model to a change in a library.
        traceback.print_exc()
        from safetensors.torch import save_file
        save_file({k: v.detach().cpu().to(torch.bfloat16).contiguous() for k, v in model.state_dict().items()},
                  arguments.out / "model.safetensors", metadata={"format": "pt"})
    say("written", {path.name: path.stat().st_size for path in arguments.out.iterdir()})
    evaluate.report(arguments.out, HELDOUT, arguments.report)


if __name__ == "__main__":
    main()
