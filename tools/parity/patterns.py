"""Pre-tokenizers of further families, for the translation of their patterns alone: none of these is trained."""

import json

from tokenizers import Regex, pre_tokenizers

from hard_strings import STRINGS

# As the families' tokenizer.json files have them.
PATTERNS = {
    "gpt2": [],
    "cl100k": [r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
    "o200k": [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ],
    "deepseek-v3": [
        r"\p{N}{1,3}",
        r"[一-龥぀-ゟ゠-ヿ]+",
        r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+",
    ],
    "smollm": [r"\d", r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"],
    "atomic": [r"(?>\s+)|\w+(?<=[a-m])|\h{2}|\p{Han}+|\p{^L}|.", r"\bthe\b|^a|x$|[\w\-]+"],
}


def cut(name, text):
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in PATTERNS[name]]
    last = [] if splits else [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    # Offsets, as ByteLevel gives the bytes' stand-ins.
    pieces = pre_tokenizers.Sequence([*splits, *last]).pre_tokenize_str(text)
    return [text[start:end] for _, (start, end) in pieces]


def make_patterns(path):
    texts = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in STRINGS if len(text) < 64]
    lines = []
    for name, patterns in PATTERNS.items():
        cuts = ",\n".join(json.dumps([text, cut(name, text)], separators=(",", ":")) for text in texts)
        lines.append(f"{json.dumps(name)}: {{\n\"patterns\": {json.dumps(patterns)},\n\"cuts\": [\n{cuts}\n]}}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
