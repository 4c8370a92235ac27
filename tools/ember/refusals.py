"""Questions out of scope, in great variety, so that "I do not know" generalises to topics never named here."""

from __future__ import annotations

import random
import re
from functools import cache

from facts import CORPUS
from phrasing import share, variants

UNKNOWN = "Sorry, I don't know that. I know only Warpline, LLM inference, counting and small sums."
SYLLABLES = ("ba be bi bo bu ca co da de di do fa fe fi fo ga ge go ha he hi ho ka ke ki ko la le li lo lu ma me mi mo mu na ne "
             "ni no pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi wa we wi xa ya ze zo").split()
ENDINGS = ["", "", "n", "r", "s", "t", "l", "x", "ck", "ng", "st", "rd", "ism", "ology", "tion", "ite", "ium", "ware", "bot", "ly"]


def listed(name: str) -> list[str]:
    text = (CORPUS / "refusals" / name).read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [item.strip() for line in lines for item in line.split(", ") if item.strip()]


def split(items: list[str], part: float) -> tuple[list[str], list[str]]:
    return [i for i in items if share(i) >= part], [i for i in items if share(i) < part]


def templates() -> dict[str, list[str]]:
    text = (CORPUS / "refusals" / "templates.txt").read_text()
    return {kind: [t.strip() for t in body.split(" | ")] for kind, body in re.findall(r"\[(\w+)\]\n(.*)", text)}


WORDS = {kind: split(listed(f"{file}.txt"), 0.12) for kind, file in (("thing", "things"), ("person", "people"), ("place", "places"))}
TEMPLATES = {kind: split(forms, 0.08) for kind, forms in templates().items()}
REQUESTS = split([line for line in (CORPUS / "refusals" / "requests.txt").read_text().splitlines() if line and line[0] != "#"], 0.15)


def invented(rng: random.Random) -> str:
    """A word that does not exist: what is unknown must be recognised as such, not only what is listed."""
    word = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(1, 3))) + rng.choice(ENDINGS)
    dice = rng.random()
    if dice < 0.15:
        return word.capitalize()
    if dice < 0.25:
        return "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randint(3, 5)))
    if dice < 0.45:
        return rng.choice(["a ", "the ", "my "]) + word
    return word


def singular(thing: str) -> str:
    return thing[:-1] if thing.endswith("s") and not thing.endswith("ss") else thing


@cache
def readings(pattern: str) -> list[str]:
    return variants(pattern)


def refusal(rng: random.Random, held: bool) -> tuple[str, str]:
    side = 1 if held else 0
    if rng.random() < 0.35:
        return rng.choice(readings(rng.choice(REQUESTS[side]))), UNKNOWN
    kind = rng.choices(["thing", "person", "place"], [6, 2, 2])[0]
    form = rng.choice(TEMPLATES[kind][1 if held and rng.random() < 0.3 else 0])
    name = lambda: rng.choice(WORDS[kind][side])
    x, y = name(), name()
    if kind != "thing" and rng.random() < 0.3:
        x = " ".join(invented(rng).split()[-1].capitalize() for _ in range(rng.choice([1, 1, 2]) if kind == "place" else rng.choice([1, 2, 2])))
    if kind == "thing":
        if rng.random() < 0.2:
            x = invented(rng)
        elif rng.random() < 0.3 and " " not in x and x[0].islower():
            one = singular(x)
            x = ("an " if one[0] in "aeiou" else "a ") + one if one != x else x
        elif rng.random() < 0.1 and " " not in x:
            x = rng.choice(["red", "small", "old", "modern", "cheap", "French", "wooden", "electric", "famous", "my"]) + " " + x
    return form.format(x=x, y=y), UNKNOWN
