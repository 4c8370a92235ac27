"""Writes one tiny random model a family, and what transformers computes with it."""

import json
import shutil
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

import configs
import weights
from model_specs import COMMON, MODELS

GREEDY = 64
CANDIDATES = 1024  # prompts tried; the one with the clearest greedy answer is kept


def make_models(out):
    transformers.utils.logging.disable_progress_bar()
    torch.set_grad_enabled(False)
    for seed, (name, spec) in enumerate(MODELS.items(), start=1):
        directory = out / name
        shutil.rmtree(directory, ignore_errors=True)
        build(spec, seed).save_pretrained(directory, max_shard_size=spec.get("shards", "5GB"))
        config = json.loads((directory / "config.json").read_text())
        configs.write(directory / "config.legacy.json", configs.legacy(config))

        model = load(directory)
        tokens, greedy, margin = choose_prompt(model, spec["prompt"], seed)
        logits = model(tokens[None], use_cache=False).logits[0]
        check_legacy(directory, tokens, logits)
        expected = {"tokens": tokens.int(), "logits": logits.contiguous(), "greedy": greedy.int()}
        save_file(expected, directory / "expected.safetensors")
        for file in directory.iterdir():
            file.chmod(0o644)
        report(name, directory, model, logits, greedy, margin)


def build(spec, seed):
    config = getattr(transformers, spec["config"])(**{**COMMON, **spec["fields"]})
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").float()
    weights.fill(model, seed)
    for key, value in {"eos_token_id": config.eos_token_id, **spec.get("generation", {})}.items():
        setattr(model.generation_config, key, value)
    return model.to(getattr(torch, spec["store"]))


def load(directory):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    )
    return model.eval()


def choose_prompt(model, length, seed):
    config = model.config
    random = torch.Generator().manual_seed(1000 + seed)
    prompts = torch.randint(8, config.vocab_size, (CANDIDATES, length), generator=random)
    prompts[:, 0] = config.bos_token_id
    answers, margins = continue_greedily(model, prompts)
    varied = torch.tensor([len(row.unique()) >= 12 and int(row.min()) >= 8 for row in answers])
    assert varied.any(), "no varied greedy answer: change the seed"
    best = int(torch.where(varied, margins, -1.0).argmax())
    tokens, greedy = prompts[best], answers[best]
    assert torch.equal(greedy, without_cache(model, tokens)), "cache and no cache disagree"
    return tokens, greedy, float(margins[best])


def continue_greedily(model, prompts):
    """Answers [candidates, GREEDY] and, for each, the least gap between the likeliest and the second token."""
    cache, ids, answers = None, prompts, []
    margins = torch.full((len(prompts),), torch.inf)
    for _ in range(GREEDY):
        result = model(ids, past_key_values=cache, use_cache=True)
        cache, top = result.past_key_values, result.logits[:, -1].topk(2)
        margins = torch.minimum(margins, top.values[:, 0] - top.values[:, 1])
        ids = top.indices[:, :1]
        answers.append(ids)
    return torch.cat(answers, dim=1), margins


def without_cache(model, tokens):
    ids = tokens
    for _ in range(GREEDY):
        ids = torch.cat([ids, model(ids[None], use_cache=False).logits[0, -1].argmax()[None]])
    return ids[len(tokens):]


def check_legacy(directory, tokens, logits):
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(directory, copy, dirs_exist_ok=True)
        shutil.copy(directory / "config.legacy.json", Path(copy) / "config.json")
        again = load(copy)(tokens[None], use_cache=False).logits[0]
    assert torch.equal(again, logits), f"{directory.name}: the legacy config means something else"


def report(name, directory, model, logits, greedy, margin):
    attention = model(greedy[None].long(), output_attentions=True, use_cache=False).attentions
    peak = torch.stack([layer[0, :, 16:].max(-1).values.mean() for layer in attention]).mean()
    size = sum(file.stat().st_size for file in directory.glob("model*.safetensors"))
    print(
        f"{name:13} {size / 1000:5.0f} kB  logit std {logits.std():.2f}  attention peak {peak:.2f}  "
        f"greedy: {len(greedy.unique())} kinds of token, least margin {margin:.3f}"
    )
