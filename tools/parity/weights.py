"""Random weights that leave nothing uniform: attention is peaked, norms and biases are far from 1 and 0."""

import math

import torch


def fill(model, seed):
    random = torch.Generator().manual_seed(seed)
    gemma = "gemma" in model.config.model_type
    for name, weight in sorted(model.named_parameters()):
        with torch.no_grad():
            weight.copy_(draw(name, weight, model.config, gemma, random))


def draw(name, weight, config, gemma, random):
    noise = torch.randn(weight.shape, generator=random)
    if name.endswith("norm.weight"):
        return norm(name, noise, config) - (1 if gemma else 0)  # Gemma's norms multiply by 1 + weight
    if name.endswith(".bias"):
        return 0.5 * noise
    if "embed_tokens" in name:
        # Tied: small, or the likeliest token would always be the one just read.
        return noise * (0.1 if gemma else 0.3 if config.tie_word_embeddings else 1.0)
    gain = 1.7 if "q_proj" in name or "k_proj" in name else 2.0
    return noise * gain / math.sqrt(weight.shape[1])


def norm(name, noise, config):
    if "q_norm" in name or "k_norm" in name:
        return 1.8 + 0.3 * noise
    if name == "model.norm.weight" and config.tie_word_embeddings:
        return 5.0 + 0.6 * noise
    return 1.0 + 0.25 * noise
