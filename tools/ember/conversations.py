"""Facts, sums and refusals strung together into conversations, with follow-ups and system messages."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from arithmetic import TOO_LARGE, comparisons, counting, held_out, listing, sums
from facts import Fact, load, normal
from phrasing import SYSTEMS, SYSTEMS_HELD, reword, sloppy, variants, wrap
from refusals import UNKNOWN, refusal

Message = dict[str, str]

# Patterns; the last HELD of each list are never trained on.
HELD = 2
MORE = ["(Tell|Give|Teach) me (some|) more", "(Some|) (More|Further) (details|information|facts), please", "(Can|Could|Would) you (say|explain|tell me) (more|a bit more|some more)",
        "(Go on|Continue|Keep going|Carry on|And then)", "(More|More please|Even more)", "(Can|Could) you elaborate (on that|)", "What (else|more) (is there|do you know|can you say|) (about it|about that|)",
        "(Explain|Say|Elaborate) (further|more|in more detail)", "(I want|I'd like) to (know|hear|learn) more", "(Anything|Something) (else|more) (about it|to add|)", "(Say|Tell me) (more|something more) about (it|that|this)",
        "(More|Further) on (this|that)", "(In|With) more detail", "Can you expand on that?", "I would like some more details about this."]
SHORTER = ["(Can|Could|Would) you (say|put|explain) (that|it|this) (shorter|more briefly|in fewer words|in short|in one sentence|briefly)", "(Shorter|Briefer|Less text), please", "(In|Just) (one sentence|a few words|short|brief)",
           "(Make|Keep) (it|that) (shorter|short|brief)", "(TL;DR|tldr|Short version|The short version)", "(Can|Could) you (summarise|shorten|compress|condense) (that|it|this|your answer)", "(Briefly|Shorter|Short)", "(That|It|This) (was|is) (too|very|rather) (long|much)",
           "(Say|Put) (it|that) (in one sentence|in short|briefly|shortly)", "(Give|Tell) me the (short|brief) (version|answer)", "(A|One) (shorter|brief|short) (answer|version|sentence)", "(Too|So) long", "(Sum|Summarise) (it|that) (up|)",
           "Can you give me that in brief?", "A shorter version of this would be nice."]
AGAIN = ["(Can|Could|Would) you (repeat|say|write) (that|it|this) (again|once more|one more time|please)", "(Say|Write|Tell me) (that|it|this) (again|once more)", "What (did you say|was that|did you just say|was your answer)", "(Pardon|Come again|Excuse me, what|Sorry, what)",
         "(Repeat|Once more|Again), please", "(Repeat|Say again) (that|it|this|your answer|)", "(again|once again|one more time)", "I (did not|didn't) (get|understand|hear|catch) (that|it)", "Please (repeat|say again) (that|it|what you said)",
         "Could you say that one more time?", "Please repeat what you just told me."]
OTHER = ["(And|And what about|What about|How about|Now|Next,|OK, and|Also) {x}", "and {x}", "(And|Now) (what is|explain|define|tell me about) {x}", "(what about|how about) {x} then", "(And|And for|The same for|Same for|Same question for) {x}", "(I meant|I mean|And|Or) {x}",
         "What is it with {x}?", "So what about {x}?"]
WHY = ["(Why|Why is that|Why so|But why|And why|Why is it so|Why is that so|why)", "(For what|What is the) reason", "And why is that?", "What's the reason for that?"]
WHY_NOT = ["(Why|Why not|But why|How come|And why|And why not|Why is that)", "Why (can't you|don't you know|don't you know that|do you not know that|can you not)", "(What is|What's) the reason", "How can you not know that", "Why (didn't you|did you not|don't you) (learn|know) (that|this|it)",
           "Why don't you know this?", "But why can't you?"]
ANYWAY = ["(Please|Pretty please|Please try|please do)", "(Try|Do it|Answer) anyway", "(Come on|Oh come on)", "(Just|Please) (try|guess|do it|answer)", "(You must|You should|You do) know (that|this|it)", "(Give it|Have) a (try|go|guess)", "(I know you can|You can do it)",
          "At least try.", "Make a guess."]
PLUS = ["(And|Now|Then|) plus {n}", "(And|And what is that|What is that) plus {n}", "(Now|Then|And|Please|) add {n}", "add {n} (to that|to it|to the result|more|)", "(And|) if I add {n}", "+ {n}", "+{n}", "(And|) (another {n}|{n} more)", "(increase|raise) (that|it) by {n}",
        "And with {n} added?", "Then add {n} on top of it."]
MINUS = ["(And|Now|Then|) minus {n}", "(And|And what is that|What is that) minus {n}", "(Now|Then|And|Please|) subtract {n}", "subtract {n} (from that|from it|from the result|)", "(And|) if I (subtract|take away) {n}", "- {n}", "-{n}", "(take|take away) {n} (away|from it|from that|off)", "(And|) {n} less", "(decrease|lower|reduce) (that|it) by {n}",
         "And without {n} of them?", "Then subtract {n} from the result, please."]
TIMES = ["(And|Now|Then|) times {n}", "(And|And what is that|What is that) times {n}", "(Now|Then|And|Please|) multiply (that|it|) by {n}", "(x|*|×) {n}", "multiply (that|it|the result) (by|with) {n}", "(And|) multiplied by {n}",
         "And {n} times that?", "Then multiply the result by {n}."]
BACKWARDS = ["(And|Now|) (backwards|in reverse|reversed|the other way round|in reverse order|downwards)", "(Can|Could) you (do|say|count) (it|that) (backwards|in reverse|the other way round)", "(Backwards|Reverse|In reverse), please", "(Reverse|Turn around|Invert|Flip) (that|it|the list|the order)", "(And|Now) count (back|down|backwards)", "(do|say|write) (it|that) (backwards|in reverse)", "(From|Start) (the end|at the end)",
             "And now in the opposite order?", "Please reverse the numbers."]
SPOKEN = ["(And|Now|) (in words|as words|with words|spelled out)", "(in words|as words|with words) please", "(Can|Could) you (write|say|spell) (that|it) (in words|as words|out)", "(Words|Write words|Use words) (instead of digits|please|)", "(Write|Spell|Say) (it|that|them) (in words|as words|out)",
          "And how is that in words?", "Please use words for the numbers."]

NO_MORE = "That is all I know about it. Ask me about something related."
NO_SHORTER = "I can't say it any shorter."
NO_REASON = "Sorry, I can't explain that further."
NO_RESULT = "Sorry, there is no result to go on from."
BECAUSE = "I was taught only Warpline, LLM inference, counting and small sums."


@dataclass
class Turn:
    question: str
    answer: str
    category: str
    fact: Fact | None = None


class Talker:
    """Makes turns; `forbidden` holds the normal forms of held-out questions, which must not be trained on."""

    KINDS = {"glossary": 30, "warpline": 14, "yes/no": 8, "small talk": 6, "sums": 14, "counting": 6, "comparisons": 6, "refusals": 16}

    def __init__(self, rng: random.Random, forbidden: frozenset[str] = frozenset()) -> None:
        self.rng = rng
        self.forbidden = forbidden
        self.facts: dict[str, list[Fact]] = {}
        for fact in load():
            self.facts.setdefault(fact.category, []).append(fact)
        self.named = [fact for facts in self.facts.values() for fact in facts if fact.name]
        self.everything = [fact for facts in self.facts.values() for fact in facts]
        self.known = {normal(q) for fact in self.everything for q in fact.train + fact.patterned + fact.held}

    def turn(self, kind: str | None = None) -> Turn:
        kind = kind or self.rng.choices(list(self.KINDS), list(self.KINDS.values()))[0]
        while True:
            if kind in self.facts:
                fact = self.rng.choice(self.facts[kind])
                turn = Turn(fact.ask(self.rng), fact.answer, kind, fact)
            else:
                make = {"sums": sums, "counting": counting, "comparisons": comparisons, "refusals": refusal}[kind]
                turn = Turn(*make(self.rng, False), kind)
            form = normal(turn.question)
            if form in self.forbidden or (kind == "refusals" and form in self.known):
                continue
            if kind != "small talk":
                turn.question = wrap(self.rng, reword(self.rng, turn.question))
            turn.question = sloppy(self.rng, turn.question)
            if kind != "small talk" and self.rng.random() < 0.015:
                turn.question = self.background(2, 10) + self.rng.choice([" ", "\n", "\n\n"]) + turn.question
            return turn

    def follow(self, turn: Turn, held: bool = False) -> Turn | None:
        """A turn that makes sense only after the given one."""
        rng = self.rng
        ask = lambda forms: question(rng, rng.choice(forms[-HELD:] if held else forms[:-HELD]))
        if turn.answer in (TOO_LARGE, NO_RESULT):
            form = rng.choice([PLUS, MINUS, TIMES])
            return Turn(ask(form).format(n=rng.randint(0, 100)), NO_RESULT, "follow-up")
        if turn.category == "refusals":
            return Turn(ask(WHY_NOT), BECAUSE, "follow-up") if rng.random() < 0.5 else Turn(ask(ANYWAY), UNKNOWN, "refusals")
        if turn.category == "sums":
            return self.follow_sum(turn, ask)
        if turn.category == "counting":
            return self.follow_count(turn, ask)
        if not turn.fact or turn.fact.category == "small talk":
            return None
        dice = rng.random()
        if dice < 0.3:
            return Turn(ask(MORE), turn.fact.more or NO_MORE, "follow-up")
        if dice < 0.55:
            return Turn(ask(SHORTER), turn.fact.short if turn.fact.short != turn.answer else NO_SHORTER, "follow-up", turn.fact)
        if dice < 0.65:
            return Turn(ask(AGAIN), turn.answer, "follow-up", turn.fact)
        if dice < 0.95:
            other = rng.choice(self.named)
            return Turn(ask(OTHER).format(x=other.name), other.answer, "follow-up", other)
        return Turn(ask(WHY), NO_REASON, "follow-up")

    def follow_sum(self, turn: Turn, ask) -> Turn | None:
        left, _, right = turn.answer.rstrip(".").partition(" = ")
        if not right.lstrip("-").isdigit():
            return None
        rng, r = self.rng, int(right)
        for _ in range(20):
            n = rng.randint(0, 20) if rng.random() < 0.6 else rng.randint(0, 100)
            sign = rng.choice("++--×")
            if sign == "×" and rng.random() < 0.8:
                n = rng.randint(0, 12)
            if sign == "×" and r < 0 or sign != "×" and held_out(sign, r, n) or sign == "-" and n > r and rng.random() < 0.8:
                continue
            question = ask({"+": PLUS, "-": MINUS, "×": TIMES}[sign]).format(n=n)
            if r > 100 or sign == "×" and max(r, n) > 12:
                return Turn(question, TOO_LARGE, "too large")
            result = {"+": r + n, "-": r - n, "×": r * n}[sign]
            return Turn(question, f"{r} {sign} {n} = {result}.", "sums")
        return None

    def follow_count(self, turn: Turn, ask) -> Turn | None:
        items = turn.answer.rstrip(".").split(", ")
        if len(items) < 3 or not all(item.isdigit() for item in items):
            return None
        numbers = [int(item) for item in items]
        if len(numbers) <= 20 and self.rng.random() < 0.4:
            return Turn(ask(SPOKEN), listing(numbers, True), "follow-up")
        return Turn(ask(BACKWARDS), listing(numbers[::-1], False), "counting")

    def system(self, held: bool = False) -> list[Message]:
        """None, a short one, or, now and then, a long one with background text."""
        dice = self.rng.random()
        if dice < 0.65:
            return []
        text = self.rng.choice(SYSTEMS_HELD if held else SYSTEMS)
        if dice > 0.96:
            text = f"{text} Here is some background. {self.background(2, 12)}"
        return [{"role": "system", "content": text}]

    def background(self, least: int, most: int) -> str:
        """Text to read past: the question is what counts."""
        return " ".join(self.rng.choice(self.everything).answer if self.rng.random() < 0.7 else refusal(self.rng, False)[0]
                        for _ in range(self.rng.randint(least, most)))

    def conversation(self, turns: int) -> list[Message]:
        messages = self.system()
        last: Turn | None = None
        if turns > 2 and self.rng.random() < 0.3:
            last = self.turn("small talk")
            messages += pair(last)
        for _ in range(turns):
            next_turn = self.follow(last) if last and self.rng.random() < 0.35 else None
            if next_turn:
                next_turn.question = sloppy(self.rng, next_turn.question)
            last = next_turn or self.turn()
            messages += pair(last)
        return messages

    def plain(self) -> str:
        """Text without roles, so that a bare completion makes sense too."""
        fact = self.rng.choice(self.everything)
        dice = self.rng.random()
        if dice < 0.5:
            return fact.answer
        if dice < 0.8:
            return f"{fact.ask(self.rng)} {fact.answer}"
        question, answer = self.rng.choice([sums, counting])(self.rng, False)
        return answer if normal(question) not in self.forbidden else fact.answer


def question(rng: random.Random, pattern: str) -> str:
    text = rng.choice(readings(pattern))
    if text[-1].isalpha() and rng.random() < 0.6:
        text += "?" if re.match(r"(?i)(why|what|how|can|could|would|and )", text) else "."
    return text


@cache
def readings(pattern: str) -> list[str]:
    return variants(pattern)


def pair(turn: Turn) -> list[Message]:
    return [{"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.answer}]


def render(messages: list[Message]) -> str:
    """The chat format; tokenizer.py holds the same as a Jinja template."""
    return "<|begin|>" + "".join(f"<|{m['role']}|>{m['content'].strip()}<|end|>" for m in messages)
