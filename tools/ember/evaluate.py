"""Greedy decoding of the held-out questions with transformers, scored by category.

    python3 tools/ember/evaluate.py models/ember [--report report.json]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

# Conversations to read, since a score does not show how a model talks. Each is one user's side.
CHATS = [
    ["Hello!", "What is Warpline?", "Tell me more.", "How do I start it?", "And on another port?", "Thanks!"],
    ["whats a kv cache", "can you say that shorter?", "and paged attention?", "why?", "ok thanks bye"],
    ["What is 17 + 25?", "And plus 4?", "times 2", "minus 6", "What is seven plus five?", "12 x 12", "what is 4823 + 1299", "9-14"],
    ["Count from 3 to 9.", "backwards please", "Count down from 10", "count to ten in words", "count to 100"],
    ["What's the weather in Paris?", "Why not?", "Who is Ada Lovelace?", "Write me a poem about the sea.", "What is TTFT?"],
    ["What is a blockchain?", "What is Zorblax?", "how do i cook lasagna", "Tell me about the history of jazz", "What is a monad?"],
    ["Is 7 greater than 3?", "Is 12 odd?", "Does Warpline need Python?", "Is decode memory bound?", "Are you ChatGPT?"],
    ["Explain the difference between prefill and decode", "Which one is slower?", "Why is decode memory-bound?", "What does p99 mean?"],
    ["How do I make TTFT better?", "What do GQA and MQA have in common?", "Does quantization hurt quality?", "what is nvfp4?"],
    ["Who made you?", "How big are you?", "Can you write Python code?", "What can you do?", "How old are you?", "goodbye"],
    ["is 50 bigger than 49", "which is bigger 8 or 80", "what comes after 99", "half of 48", "56 / 7", "write 37 in words"],
    ["How do I install warpline?", "how to use it", "what licence is it", "can it run on my laptop", "tell me something", "what is love"],
    ["i want to serve my own llama model", "what port", "Can I stream tokens?", "Is there a health endpoint?", "how do i benchmark it"],
]

PLAIN = ["A KV cache", "What is TTFT?", "Warpline is", "The roofline model", "1, 2, 3, 4,", "Continuous batching"]


def answers(folder: Path, conversations: list[list[dict]], batch: int = 256) -> list[str]:
    """The greedy answer to each conversation, in float32."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).to(device).eval()
    prompts = [tokenizer.apply_chat_template(c, tokenize=False, add_generation_prompt=True) for c in conversations]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    out = [""] * len(prompts)
    for start in range(0, len(order), batch):
        part = order[start:start + batch]
        inputs = tokenizer([prompts[i] for i in part], return_tensors="pt", padding=True, add_special_tokens=False).to(device)
        with torch.no_grad():
            ids = model.generate(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], do_sample=False,
                                 temperature=None, top_p=None, max_new_tokens=420)
        for i, row in zip(part, ids[:, inputs["input_ids"].shape[1]:]):
            out[i] = tokenizer.decode(row, skip_special_tokens=True)
    return out


def completions(folder: Path, texts: list[str]) -> list[str]:
    """What follows each text without a chat template."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    out = []
    for text in texts:
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            made = model.generate(input_ids=ids, do_sample=False, temperature=None, top_p=None, max_new_tokens=80)
        out.append(tokenizer.decode(made[0, ids.shape[1]:], skip_special_tokens=True))
    return out


def right(row: dict, answer: str) -> bool:
    if row["match"] == "contains":
        return any(piece in answer for piece in row["expected"])
    return answer == row["expected"]


def talk(folder: Path, chats: list[list[str]]) -> list[list[dict]]:
    """All chats turn by turn, one batch for each turn."""
    histories: list[list[dict]] = [[] for _ in chats]
    for turn in range(max(map(len, chats))):
        active = [i for i, chat in enumerate(chats) if turn < len(chat)]
        for i in active:
            histories[i].append({"role": "user", "content": chats[i][turn]})
        for i, answer in zip(active, answers(folder, [histories[i] for i in active])):
            histories[i].append({"role": "assistant", "content": answer})
    return histories


def report(folder: Path, heldout: Path, out: Path | None) -> None:
    rows = [json.loads(line) for line in heldout.read_text().splitlines()]
    given = answers(folder, [row["messages"] for row in rows])
    table: dict[str, list[int]] = {}
    failures = []
    for row, answer in zip(rows, given):
        good = right(row, answer)
        # "near": a template or pattern whose other readings were trained on; "new": a wording never trained on at all.
        for name in {row["category"], f"{row['category']}, {row['wording']}" if "wording" in row else row["category"]}:
            score = table.setdefault(name, [0, 0])
            score[0] += good
            score[1] += 1
        if not good:
            failures.append({"category": row["category"], "question": row["messages"][-1]["content"], "wording": row.get("wording"), "turns": len(row["messages"]),
                             "expected": row["expected"], "answer": answer})
    for category, (good, all_of) in sorted(table.items()):
        print(f"{category:18} {good:4} / {all_of:4}  {100 * good / all_of:6.1f} %")
    for failure in failures[:60]:
        print(f"[{failure['category']}] {failure['question']!r}\n    -> {failure['answer'][:160]}")
    chats = talk(folder, CHATS)
    print("\nplain completions:")
    for text, rest in zip(PLAIN, completions(folder, PLAIN)):
        print(f"  {text}|{rest}")
    for chat in chats:
        print()
        for message in chat:
            print(f"{'>' if message['role'] == 'user' else ' '} {message['content']}")
    if out:
        out.write_text(json.dumps({"scores": table, "failures": failures, "chats": chats}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("model", type=Path)
    options.add_argument("--report", type=Path)
    options.add_argument("--heldout", type=Path, default=Path(__file__).parent / "heldout.jsonl")
    arguments = options.parse_args()
    report(arguments.model, arguments.heldout, arguments.report)
