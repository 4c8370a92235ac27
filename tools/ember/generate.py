"""Writes the held-out questions, and makes the training text.

    python3 tools/ember/generate.py                # writes tools/ember/heldout.jsonl and prints statistics
    python3 tools/ember/generate.py --show 20      # prints conversations as the model is trained on them
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

from arithmetic import comparisons, counting, sums
from conversations import Message, Talker, pair, render
from facts import fresh, normal
from phrasing import SYSTEMS_HELD, sloppy, wrap
from refusals import TEMPLATES, refusal

HELDOUT = Path(__file__).parent / "heldout.jsonl"
SEED = 20
# How many questions of each kind the held-out set has; None takes one for every fact that has one.
COUNTS = {"sums": 140, "counting": 90, "comparisons": 80, "refusals": 120, "follow-ups": 60, "long context": 10}


def heldout() -> list[dict]:
    """Questions that are never trained on, alone, after other turns, and with or without a system message."""
    rng = random.Random(SEED)
    talker = Talker(rng)
    rows: list[dict] = []

    def add(category: str, question: str, expected: str | list[str], history: list[Message] | None = None,
            literal: bool = False, wording: str | None = None) -> None:
        literal = literal or category == "small talk"
        text = question if literal else sloppy(rng, wrap(rng, question, held=True)) if rng.random() < 0.5 else question
        messages = [{"role": "system", "content": rng.choice(SYSTEMS_HELD)}] if rng.random() < 0.25 else []
        if history is None and rng.random() < 0.15:
            history = [m for _ in range(rng.randint(1, 2)) for m in pair(talker.turn())]
        messages += history or []
        rows.append({
            "category": category, **({"wording": wording} if wording else {}), "question": question, "messages": messages + [{"role": "user", "content": text}],
            "expected": expected, "match": "contains" if isinstance(expected, list) else "exact",
        })

    for category in ("glossary", "warpline", "yes/no", "small talk"):
        for fact in talker.facts[category]:
            if fact.held and (category != "glossary" or rng.random() < 0.19 or fact.written):
                new = rng.choice(fact.novel) if fact.novel else None
                near = rng.choice([q for q in fact.held if q not in fact.novel] or fact.novel)
                if fact.written and new:
                    add(category, new, fact.answer, wording="new")
                if not fact.written or category != "glossary" and rng.random() < 0.4:
                    pick_new = not fact.written and new and rng.random() < 0.5
                    add(category, new if pick_new else near, fact.answer, wording="new" if pick_new else "near")
    for question, fact in fresh(talker.everything):
        row = {"literal": True, "history": [], "wording": "fresh"}
        add(fact.category if fact else "refusals", question, fact.answer if fact else ["Sorry, "], **row)
    for category, make in (("sums", sums), ("counting", counting), ("comparisons", comparisons)):
        while sum(row["category"] == category for row in rows) < COUNTS[category]:
            add(category, *make(rng, True))
    while sum(row["category"] == "refusals" and "wording" not in row for row in rows) < COUNTS["refusals"]:
        question, _ = refusal(rng, True)
        if normal(question) not in talker.known:
            add("refusals", question, ["Sorry, "])
    while sum(row["category"] == "follow-up" for row in rows) < COUNTS["follow-ups"]:
        first = talker.turn(rng.choice(["glossary", "warpline", "sums", "counting", "refusals"]))
        then = talker.follow(first, held=True)
        if then:
            add("follow-up", then.question, then.answer, pair(first), literal=True)
    for _ in range(COUNTS["long context"]):
        fact = rng.choice([f for f in talker.facts["glossary"] + talker.facts["warpline"] if f.held])
        history: list[Message] = []
        while len(render(history)) < 2400:    # some 700 tokens; counting would make far more of them
            history += pair(talker.turn(rng.choice(["glossary", "warpline", "refusals"])))
        add("long context", rng.choice(fact.held), fact.answer, history)
    return rows


def forbidden(rows: list[dict]) -> frozenset[str]:
    """What may not be asked in training: every held-out question but follow-ups, whose words alone say nothing."""
    return frozenset(normal(row["question"]) for row in rows if row["category"] != "follow-up")


def documents(job: tuple[int, int, frozenset[str]]) -> list[str]:
    """Training texts of one worker: single turns, conversations short and long, and some plain text."""
    seed, count, held = job
    rng = random.Random(f"{SEED}/{seed}")
    talker = Talker(rng, held)
    texts = []
    for _ in range(count):
        dice = rng.random()
        if dice < 0.05:
            texts.append(("<|begin|>" if rng.random() < 0.8 else "") + talker.plain() + "<|end|>")
        elif dice < 0.5:
            texts.append(render(talker.conversation(1)))
        elif dice < 0.85:
            texts.append(render(talker.conversation(rng.randint(2, 5))))
        else:
            texts.append(render(talker.conversation(rng.randint(6, 18))))
    return texts


def corpus(total: int, held: frozenset[str], workers: int) -> list[str]:
    part = 2000
    with Pool(workers) as pool:
        jobs = [(i, part, held) for i in range(-(-total // part))]
        return [text for texts in pool.imap(documents, jobs) for text in texts]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--show", type=int, default=0)
    arguments = options.parse_args()
    rows = heldout()
    held = forbidden(rows)
    if arguments.show:
        print("\n\n".join(documents((0, arguments.show, held))))
        return
    HELDOUT.write_text("".join(json.dumps({k: v for k, v in row.items() if k != "question"}, ensure_ascii=False) + "\n" for row in rows))
    print(f"{HELDOUT.name}: {len(rows)} rows, {HELDOUT.stat().st_size} bytes", dict(Counter(row["category"] for row in rows)))
    talker = Talker(random.Random(0), held)
    for name, facts in talker.facts.items():
        print(f"{name}: {len(facts)} facts, {sum(len(f.train) + len(f.patterned) for f in facts)} trained and {sum(len(f.held) for f in facts)} held-out phrasings")
    print({kind: [len(side) for side in sides] for kind, sides in TEMPLATES.items()}, "refusal templates trained, held out")
    texts = documents((1, 4000, held))
    asked = Counter(normal(q.split("<|end|>")[0]) for text in texts for q in text.split("<|user|>")[1:])
    print(f"sample of {len(texts)} texts: {sum(map(len, texts)) / len(texts):.0f} characters each, longest {max(map(len, texts))}; "
          f"{len(asked)} distinct questions; in common with the held-out set: {sum(q in held for q in asked)}")


if __name__ == "__main__":
    main()
