"""A config as transformers 5 writes it, said again in the words of transformers 4."""

import json

NEW = ("rope_parameters", "dtype", "layer_types", "_sliding_window_pattern")


def legacy(config):
    old = {key: value for key, value in config.items() if key not in NEW}
    old["torch_dtype"] = config["dtype"]
    old["transformers_version"] = "4.50.0"
    rope = config["rope_parameters"]
    if "full_attention" in rope:  # one rope for global layers, another for local ones
        old["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        old["sliding_window_pattern"] = config["layer_types"].index("full_attention") + 1
        rope = rope["full_attention"]
    elif config["hidden_size"] == config.get("head_dim", 0) * config["num_attention_heads"]:
        del old["head_dim"]  # it was implied
    old["rope_theta"] = rope["rope_theta"]
    # Llama's files name the kind of scaling `type` until Llama 3.1.
    name_is_old = config["model_type"] == "llama" and rope["rope_type"] != "llama3"
    old["rope_scaling"] = scaling(rope, name_is_old)
    return old


def scaling(rope, name_is_old):
    kind = rope["rope_type"]
    if kind == "default":
        return None
    rest = {key: value for key, value in rope.items() if key not in ("rope_type", "rope_theta")}
    return {("type" if name_is_old else "rope_type"): kind, **rest}


def write(path, config):
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
