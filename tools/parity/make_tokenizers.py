"""Writes one small tokenizer a family, and what transformers makes of hard strings, odd ids and chats."""

import json
import random
import shutil
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from chats import CHATS
from hard_strings import strings
from tokenizer_specs import TOKENIZERS

TEMPLATES = Path(__file__).parent / "chat_templates"


def make_tokenizers(out):
    for name, spec in TOKENIZERS.items():
        directory = out / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        spec["build"]().save(str(directory / "tokenizer.json"), pretty=False)
        template = (TEMPLATES / f"{spec['chat_template']}.jinja").read_text()
        config = {**spec["config"], "chat_template": template}
        (directory / "tokenizer_config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")

        # The plain fast class takes tokenizer.json at its word; some family classes of transformers 5 rebuild it.
        tokenizer = PreTrainedTokenizerFast.from_pretrained(directory)
        expected = {
            "bosId": tokenizer.bos_token_id, "eosId": tokenizer.eos_token_id,
            "vocabSize": max(tokenizer.get_vocab().values()) + 1,
            "special": sorted(i for i, t in tokenizer.added_tokens_decoder.items() if t.special),
            "strings": [encode(tokenizer, text) for text in strings(spec["words"])],
            "ids": [decode(tokenizer, ids) for ids in odd_ids(tokenizer)],
            "chats": {chat: render(tokenizer, case, spec.get("variables", {})) for chat, case in CHATS.items()},
        }
        (directory / "expected.json").write_text(dump(expected))
        report(directory, tokenizer, expected)


def encode(tokenizer, text):
    ids = tokenizer.encode(text)
    bare = tokenizer.encode(text, add_special_tokens=False)
    # Special tokens written in the text stay text.
    literal = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    assert tokenizer.encode(text) == ids
    case = {"text": text, "ids": ids, **decode(tokenizer, ids)}
    if bare != ids:
        case["bare"] = bare
    if literal != bare:
        case["literal"] = literal
    return case


def decode(tokenizer, ids):
    whole = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    skipped = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return {"ids": ids, "decoded": whole, **({} if skipped == whole else {"skipped": skipped})}


def odd_ids(tokenizer):
    """Every token alone, in runs of 16 that no text would give: broken UTF-8, specials between bytes."""
    dice, size = random.Random(7), len(tokenizer)
    order = dice.sample(range(size), size)
    for start in range(0, size, 16):
        yield order[start:start + 16]
    for _ in range(40):
        yield [dice.randrange(min(size, 280)) for _ in range(12)]
    yield from ([i] for i in range(0, min(size, 280), 9))


def render(tokenizer, case, variables):
    variables = {**variables, **case.get("variables", {})}
    prompt = case.get("add_generation_prompt", True)
    result = {"messages": case["messages"], "addGenerationPrompt": prompt, "variables": variables}
    try:
        text = tokenizer.apply_chat_template(
            case["messages"], tokenize=False, add_generation_prompt=prompt, **variables
        )
    except Exception as error:  # raise_exception, or what Jinja says of a missing value
        return {**result, "error": f"{type(error).__name__}: {error}"}
    return {**result, "text": text, "ids": tokenizer.encode(text, add_special_tokens=False)}


def dump(expected):
    """JSON with one case a line."""
    def lines(value):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        rows = [(f"{json.dumps(key)}: " if isinstance(value, dict) else "") + compact(row) for key, row in items]
        return ",\n".join(rows)

    parts = []
    for key, value in expected.items():
        big = key in ("strings", "ids", "chats")
        open_, close = "{}" if isinstance(value, dict) else "[]"
        parts.append(f"{json.dumps(key)}: " + (f"{open_}\n{lines(value)}\n{close}" if big else compact(value)))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def compact(value):
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def report(directory, tokenizer, expected):
    size = sum(file.stat().st_size for file in directory.iterdir())
    errors = sum("error" in chat for chat in expected["chats"].values())
    print(
        f"{directory.name:18} {size / 1000:4.0f} kB  {expected['vocabSize']} tokens  {len(expected['strings'])} strings  "
        f"{len(expected['ids'])} id runs  {len(expected['chats'])} chats, {errors} refused"
    )
