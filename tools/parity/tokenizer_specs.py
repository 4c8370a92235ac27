"""One builder a family: a trained `tokenizers.Tokenizer` wired as that family's tokenizer.json, and its config."""

import json
from collections import Counter

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from corpus import LINES

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN = LLAMA3.replace("{1,3}", "")
# The commonest characters; rarer ones are left to the bytes.
COUNTS = Counter("".join(LINES).replace(" ", "▁").replace("\n", ""))
ALPHABET = sorted(COUNTS, key=lambda char: (-COUNTS[char], char))[:170]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def special(*contents):
    return [AddedToken(content, special=True, normalized=False) for content in contents]


def plain(*contents):
    return [AddedToken(content, special=False, normalized=False) for content in contents]


def train(tokenizer, size, **options):
    tokenizer.train_from_iterator(LINES, trainers.BpeTrainer(vocab_size=size, show_progress=False, **options))
    return tokenizer.model.__getstate__()


def byte_level(regex, size, normalizer=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(regex), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=ignore_merges, use_regex=False),
        ]
    )
    train(tokenizer, size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def sentencepiece(size, first):
    """A BPE with byte fallback as SentencePiece's: control tokens, 256 bytes, pieces in which ▁ only leads."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("▁+[^▁\n]*|[^▁\n]+"), "isolated")
    tokenizer.train_from_iterator(
        LINES,
        trainers.BpeTrainer(
            vocab_size=size, show_progress=False, special_tokens=[*first, *BYTES], initial_alphabet=ALPHABET,
            limit_alphabet=len(ALPHABET),
        ),
    )
    state = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(merge) for merge in state["merges"]]
    tokenizer = Tokenizer(models.BPE(state["vocab"], merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    return tokenizer


def template(tokenizer, bos):
    return processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, tokenizer.token_to_id(bos))]
    )


def strip_decoder(*last):
    return decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), *last])


def llama3():
    tokenizer = without_some_merges(byte_level(LLAMA3, 1100, ignore_merges=True))
    tokenizer.add_special_tokens(
        special("<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|finetune_right_pad_id|>",
                "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>", "<|python_tag|>")
    )
    tokenizer.post_processor = processors.Sequence(
        [processors.ByteLevel(trim_offsets=True), template(tokenizer, "<|begin_of_text|>")]
    )
    return tokenizer


def without_some_merges(tokenizer):
    """Words in the vocabulary that no merge makes: `ignore_merges` must find them whole."""
    state = json.loads(tokenizer.to_str())
    merges = state["model"]["merges"]
    parts = {part for merge in merges for part in merge}
    state["model"]["merges"] = [m for i, m in enumerate(merges) if m[0] + m[1] in parts or i % 3]
    return Tokenizer.from_str(json.dumps(state))


def qwen():
    tokenizer = byte_level(QWEN, 900, normalizers.NFC())
    tokenizer.add_special_tokens(special("<|endoftext|>", "<|im_start|>", "<|im_end|>"))
    tokenizer.add_tokens(plain("<tool_call>", "</tool_call>", "<think>", "</think>"))
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def llama2():
    tokenizer = sentencepiece(1000, ["<unk>", "<s>", "</s>"])
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = strip_decoder(decoders.Strip(" ", 1, 0))
    tokenizer.add_special_tokens(special("<unk>", "<s>", "</s>"))
    tokenizer.add_tokens([AddedToken("<pad>", special=False, normalized=True)])
    tokenizer.post_processor = template(tokenizer, "<s>")
    return tokenizer


MISTRAL_SPECIAL = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"]


def mistral():
    tokenizer = sentencepiece(1000, MISTRAL_SPECIAL)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=False)
    tokenizer.decoder = strip_decoder(decoders.Strip(" ", 1, 0))
    tokenizer.add_special_tokens(special(*MISTRAL_SPECIAL))
    tokenizer.post_processor = template(tokenizer, "<s>")
    return tokenizer


GEMMA_SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>"]
GEMMA_PLAIN = ["\n", "\n\n", "\n\n\n", "\n\n\n\n", "▁▁", "▁▁▁", "▁▁▁▁", "<table>", "</table>", "[multimodal]"]


def gemma():
    tokenizer = sentencepiece(1000, GEMMA_SPECIAL + GEMMA_PLAIN)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = strip_decoder()
    tokenizer.add_special_tokens(special(*GEMMA_SPECIAL))
    tokenizer.add_tokens(plain(*GEMMA_PLAIN))
    tokenizer.post_processor = template(tokenizer, "<bos>")
    return tokenizer


# config: tokenizer_config.json beside chat_template. words: what BOS, EOS, TURN and ADDED are in hard_strings.py.
TOKENIZERS = {
    "byte-level-llama3": {
        "build": llama3, "chat_template": "llama3", "variables": {"date_string": "26 Jul 2024"},
        "config": {
            "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>",
            "clean_up_tokenization_spaces": True, "model_input_names": ["input_ids", "attention_mask"],
        },
        "words": {"bos": "<|begin_of_text|>", "eos": "<|eot_id|>", "turn": "<|start_header_id|>", "added": "<|python_tag|>"},
    },
    "byte-level-qwen": {
        "build": qwen, "chat_template": "qwen",
        "config": {
            "tokenizer_class": "Qwen2Tokenizer", "bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
            "unk_token": None, "add_bos_token": False, "add_prefix_space": False, "clean_up_tokenization_spaces": False,
            "errors": "replace", "split_special_tokens": False,
        },
        "words": {"bos": "<|endoftext|>", "eos": "<|im_end|>", "turn": "<|im_start|>", "added": "<think>"},
    },
    "spm-llama2": {
        "build": llama2, "chat_template": "llama2",
        "config": {
            "tokenizer_class": "LlamaTokenizer", "bos_token": {"__type": "AddedToken", "content": "<s>", "normalized": False},
            "eos_token": {"__type": "AddedToken", "content": "</s>", "normalized": False}, "unk_token": "<unk>",
            "add_bos_token": True, "add_eos_token": False, "legacy": True, "clean_up_tokenization_spaces": False,
            "sp_model_kwargs": {},
        },
        "words": {"bos": "<s>", "eos": "</s>", "turn": "[INST]", "added": "<pad>"},
    },
    "spm-mistral": {
        "build": mistral, "chat_template": "mistral",
        "config": {
            "tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
            "add_bos_token": True, "add_eos_token": False, "add_prefix_space": None, "legacy": False,
            "clean_up_tokenization_spaces": False,
        },
        "words": {"bos": "<s>", "eos": "</s>", "turn": "[INST]", "added": "[TOOL_CALLS]"},
    },
    "spm-gemma": {
        "build": gemma, "chat_template": "gemma",
        "config": {
            "tokenizer_class": "GemmaTokenizer", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>",
            "unk_token": "<unk>", "add_bos_token": True, "add_eos_token": False, "clean_up_tokenization_spaces": False,
        },
        "words": {"bos": "<bos>", "eos": "<eos>", "turn": "<start_of_turn>", "added": "<table>"},
    },
}
