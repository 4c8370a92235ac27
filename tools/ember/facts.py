"""The written corpus as data: facts with their answers and all the ways to ask for them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from phrasing import COMPARE, COMPARE_HELD, PLURAL, PLURAL_HELD, TERM, TERM_HELD, share, variants

CORPUS = Path(__file__).parent / "corpus"
ARTICLE = re.compile(r"^(a|an|the) ", re.IGNORECASE)


def normal(question: str) -> str:
    """Two questions with the same normal form are the same question."""
    text = re.sub(r"[^a-z0-9/_:.+ -]", "", question.lower().replace("iz", "is"))
    return re.sub(r"\s+", " ", text).strip(" .:")


@dataclass
class Fact:
    category: str
    answer: str
    more: str | None = None
    name: str | None = None                               # how a follow-up refers to it: "and TTFT?"
    pair: str | None = None                               # of a comparison: "prefill|decode"
    train: list[str] = field(default_factory=list)        # phrasings trained on
    patterned: list[str] = field(default_factory=list)    # likewise, from patterns: many, so drawn from apart
    held: list[str] = field(default_factory=list)         # phrasings never trained on
    written: list[str] = field(default_factory=list)      # asked literally in the corpus: these win collisions
    novel: list[str] = field(default_factory=list)        # those of `held` whose whole wording or template is new

    def ask(self, rng: random.Random) -> str:
        """A phrasing to train on."""
        return rng.choice(self.patterned if self.patterned and rng.random() < 0.7 else self.train)

    @property
    def short(self) -> str:
        """The first sentence: what a follow-up that asks for brevity gets."""
        return re.split(r"(?<=[.!?]) (?=[A-Z])", self.answer, maxsplit=1)[0]


def expand_term(forms: list[str], fact: Fact) -> None:
    fact.name = ARTICLE.sub("", forms[0].lstrip("~"))
    for form in forms:
        plural = form.startswith("~")
        phrase = form.lstrip("~").strip()
        bare = ARTICLE.sub("", phrase)
        templates, held = (PLURAL, PLURAL_HELD) if plural else (TERM, TERM_HELD)
        for template in templates:
            question = template.format(np=phrase, bare=bare)
            unseen = share(question) < 0.12
            (fact.held if unseen else fact.train).append(question)
        fact.novel += [template.format(np=phrase, bare=bare) for template in held]


def expand_comparison(a: str, b: str, fact: Fact) -> None:
    for x, y in ((a, b), (b, a)):
        bare = {"x": x, "y": y, "bx": ARTICLE.sub("", x), "by": ARTICLE.sub("", y)}
        for template in COMPARE:
            question = template.format(**bare)
            (fact.held if share(question) < 0.12 else fact.train).append(question)
        fact.novel += [template.format(**bare) for template in COMPARE_HELD]


def expand_question(phrasings: list[str], fact: Fact) -> None:
    """Of three or more phrasings, the one that the hash picks is held out."""
    fact.written = list(phrasings)
    if len(phrasings) >= 3:
        out = min(range(len(phrasings)), key=lambda i: share("held" + phrasings[i]))
        fact.novel = [phrasings[out]]
        fact.train = phrasings[:out] + phrasings[out + 1:]
    else:
        fact.train = list(phrasings)


def expand_patterns(patterns: list[str], fact: Fact) -> None:
    """More ways to ask, from patterns; a tenth of the readings is held out."""
    asking = "?" if fact.category != "small talk" else ""
    for text in dict.fromkeys(text for pattern in patterns for text in variants(pattern)):
        question = text + (asking if re.match(r"(how|why|wh|is|are|do|can|will|may|has|in |on |at |under|should|could)", text.lower()) else "")
        (fact.held if share(question) < 0.10 else fact.patterned).append(question)


def read(path: Path, category: str) -> list[Fact]:
    facts: list[Fact] = []
    head: str | None = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            head = None
        elif line[:2] in ("= ", "% ", "? "):
            head, patterns = line, []
        elif line.startswith("+ "):
            patterns = [part.strip() for part in line[2:].split(" | ")]
        elif line.startswith("> "):
            facts[-1].more = line[2:]
        elif head:
            fact = Fact(category, line.strip())
            parts = [part.strip() for part in head[2:].split(" | ")]
            if head[0] == "=":
                expand_term(parts, fact)
            elif head[0] == "%":
                expand_comparison(parts[0], parts[1], fact)
                fact.pair = "|".join(parts)
            else:
                expand_question(parts, fact)
                expand_patterns(patterns, fact)
            facts.append(fact)
            head = None if head[0] != "=" else head
        else:
            raise ValueError(f"{path}:{number}: text without a question")
    return facts


def fresh(facts: list[Fact]) -> list[tuple[str, Fact | None]]:
    """The questions of fresh.txt with the fact that answers each; none for what has to be refused."""
    known = {key: fact for fact in facts for key in [fact.name, fact.pair, *fact.written] if key}
    lines = [line for line in (CORPUS / "fresh.txt").read_text().splitlines() if line and line[0] != "#"]
    pairs = [line.split(" => ") for line in lines]
    return [(question, None if key == "refuse" else known[key]) for question, key in pairs]


def load() -> list[Fact]:
    """All facts; a question made by a template gives way to the same question written by hand."""
    facts: list[Fact] = []
    for path in sorted((CORPUS / "glossary").glob("*.txt")):
        facts += read(path, "glossary")
    facts += read(CORPUS / "warpline.txt", "warpline")
    facts += read(CORPUS / "yesno.txt", "yes/no")
    facts += read(CORPUS / "smalltalk.txt", "small talk")

    owner: dict[str, Fact] = {}
    for fact in facts:
        for question in fact.written:
            other = owner.setdefault(normal(question), fact)
            if other is not fact and other.answer != fact.answer:
                raise ValueError(f"two answers to: {question}")
    for parts, written in ((("patterned", "held"), True), (("train", "held", "novel"), False)):
        for fact in facts:
            if bool(fact.written) != written:
                continue
            for part in parts:
                questions = dict.fromkeys(getattr(fact, part))
                setattr(fact, part, [q for q in questions if owner.setdefault(normal(q), fact) is fact])
    for fact in facts:
        if fact.written:
            out = {normal(question) for question in fact.novel}
            fact.train = [question for question in fact.train if normal(question) not in out]
            fact.patterned = [question for question in fact.patterned if normal(question) not in out]
        seen = {normal(question) for question in fact.train + fact.patterned}
        fact.novel = [question for question in fact.novel if normal(question) not in seen]
        fact.held = [question for question in fact.held if normal(question) not in seen] + fact.novel
    return facts
