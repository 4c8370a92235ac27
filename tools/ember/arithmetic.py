"""Sums, counting and comparisons of numbers: made by rule, with some operands held out of training."""

from __future__ import annotations

import random
import re

from phrasing import share

UNITS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
         "seventeen eighteen nineteen").split()
TENS = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()

TOO_LARGE = "Sorry, that is too large for me. I can add and subtract numbers up to 100 and multiply up to 12."
TOO_FAR = "Sorry, that is too far for me. I can count from 0 to 100."

# Each list ends with templates that are never trained on: the last HELD of them.
HELD = 2
ADD = [
    "{a} + {b}", "{a}+{b}", "{a} + {b} =", "{a}+{b}=", "{a}+{b}=?", "{a} + {b} = ?", "What is {a} + {b}?", "What is {a}+{b}?",
    "What's {a} + {b}?", "whats {a}+{b}", "What is {a} plus {b}?", "{a} plus {b}", "{a} plus {b}?", "Add {a} and {b}.",
    "Add {b} to {a}.", "How much is {a} plus {b}?", "How much is {a} + {b}?", "Calculate {a} + {b}.", "Compute {a} + {b}.",
    "What is the sum of {a} and {b}?", "Can you add {a} and {b}?", "sum of {a} and {b}", "If I add {b} to {a}, what do I get?",
    "What does {a} + {b} equal?", "Tell me what {a} + {b} is.", "Solve {a} + {b}.", "what's {a} plus {b}", "{a} and {b} is?",
    "Do you know what {a} plus {b} is?", "I have {a} apples and get {b} more. How many do I have?",
    "Please work out {a} + {b}.", "What do you get when you add {a} and {b}?",
]
SUBTRACT = [
    "{a} - {b}", "{a}-{b}", "{a} - {b} =", "{a}-{b}=?", "{a} - {b} = ?", "What is {a} - {b}?", "What is {a}-{b}?",
    "What's {a} - {b}?", "What is {a} minus {b}?", "{a} minus {b}", "{a} minus {b}?", "Subtract {b} from {a}.",
    "Take {b} away from {a}.", "How much is {a} minus {b}?", "How much is {a} - {b}?", "Calculate {a} - {b}.",
    "Compute {a} - {b}.", "Can you subtract {b} from {a}?", "If I take {b} from {a}, what is left?",
    "What does {a} - {b} equal?", "Tell me what {a} - {b} is.", "Solve {a} - {b}.", "what's {a} minus {b}",
    "I have {a} apples and eat {b}. How many are left?",
    "Please work out {a} - {b}.", "What do you get when you subtract {b} from {a}?",
]
MULTIPLY = [
    "{a} x {b}", "{a} * {b}", "{a}*{b}", "{a}x{b}", "{a} × {b}", "{a}×{b}", "{a} * {b} =", "{a}*{b}=?", "What is {a} * {b}?",
    "What is {a} x {b}?", "What is {a} × {b}?", "What's {a} times {b}?", "What is {a} times {b}?", "{a} times {b}",
    "{a} times {b}?", "Multiply {a} by {b}.", "Multiply {a} and {b}.", "How much is {a} times {b}?", "How much is {a} x {b}?",
    "Calculate {a} * {b}.", "Compute {a} x {b}.", "What is the product of {a} and {b}?", "Can you multiply {a} by {b}?",
    "What does {a} times {b} equal?", "Solve {a} x {b}.", "What is {a} multiplied by {b}?", "product of {a} and {b}",
    "Please work out {a} x {b}.", "What do you get when you multiply {a} by {b}?",
]
DIVIDE = [
    "{a} / {b}", "{a}/{b}", "{a} : {b}", "{a} ÷ {b}", "{a} / {b} =", "What is {a} / {b}?", "What is {a} divided by {b}?",
    "{a} divided by {b}", "Divide {a} by {b}.", "How much is {a} divided by {b}?", "Calculate {a} / {b}.",
    "What's {a} divided by {b}?", "Can you divide {a} by {b}?",
    "Please work out {a} / {b}.", "What do you get when you divide {a} by {b}?",
]
COUNT_TO = [
    "Count to {b}.", "Count up to {b}.", "Can you count to {b}?", "count to {b}", "Please count to {b}.", "Count from one to {b}.",
    "Could you count up to {b}?", "Show me the numbers up to {b}.",
]
COUNT_RANGE = [
    "Count from {a} to {b}.", "count {a} to {b}", "Can you count from {a} to {b}?", "Please count from {a} to {b}.",
    "List the numbers from {a} to {b}.", "Count up from {a} to {b}.", "Write the numbers from {a} to {b}.", "numbers from {a} to {b}",
    "Say the numbers {a} to {b}.", "Give me the numbers from {a} to {b}.", "{a} to {b}", "Start at {a} and count to {b}.",
    "Would you count from {a} up to {b}?", "Show me all numbers from {a} to {b}.",
]
COUNT_DOWN = [
    "Count down from {a}.", "Count down from {a} to {b}.", "Count backwards from {a} to {b}.", "Countdown from {a}",
    "Can you count down from {a} to {b}?", "Count backwards from {a}.", "Please count down from {a}.", "count from {a} down to {b}",
    "Do a countdown from {a}.", "List the numbers from {a} down to {b}.",
]
COUNT_STEP = [
    "Count from {a} to {b} by {s}.", "Count by {s}s from {a} to {b}.", "Count in steps of {s} from {a} to {b}.",
    "Count to {b} in {s}s, starting at {a}.", "Count from {a} to {b} in steps of {s}.",
    "Count up from {a} to {b} with step {s}.", "By {s}s, count from {a} to {b}.",
]
GREATER = ["greater", "larger", "bigger", "higher", "more"]
SMALLER = ["smaller", "less", "lower"]


def words(number: int) -> str:
    if number < 0:
        return "minus " + words(-number)
    if number < 20:
        return UNITS[number]
    if number == 100:
        return "one hundred"
    if number > 100:
        return "one hundred and " + words(number - 100)
    return TENS[number // 10] + ("-" + UNITS[number % 10] if number % 10 else "")


def held_out(*key: object) -> bool:
    """8 % of all operand pairs are never trained on, in digits or in words."""
    return share("/".join(map(str, key))) < 0.08


def pick(rng: random.Random, templates: list[str], held: bool, always: bool = False) -> str:
    """A template: trained ones, or, for the held-out set, half of the time (or always) one that never was."""
    if held and (always or rng.random() < 0.5):
        return rng.choice(templates[-HELD:])
    return rng.choice(templates[:-HELD])


def operand(rng: random.Random) -> int:
    return rng.randint(0, 20) if rng.random() < 0.3 else rng.randint(0, 100)


def equation(a: int, sign: str, b: int, result: int, spoken: bool) -> str:
    if not spoken:
        return f"{a} {sign} {b} = {result}."
    name = {"+": "plus", "-": "minus", "×": "times"}[sign]
    text = f"{words(a)} {name} {words(b)} is {words(result)}."
    return text[0].upper() + text[1:]


def sum_pair(rng: random.Random, held: bool, sign: str) -> tuple[int, int, int]:
    """Operands and result; for + and - from the held-out pairs or from the others."""
    while True:
        if sign == "×":
            a, b = rng.randint(0, 12), rng.randint(0, 12)
            return a, b, a * b
        a, b = operand(rng), operand(rng)
        if sign == "-" and a < b and rng.random() < 0.75:
            a, b = b, a
        if held_out(sign, a, b) == held:
            return a, b, a + b if sign == "+" else a - b


def sums(rng: random.Random, held: bool) -> tuple[str, str]:
    dice = rng.random()
    if dice < 0.05 and not held:
        return odd_sum(rng)
    if dice < 0.13:
        b = rng.randint(1, 12)
        if rng.random() < 0.05:
            a = rng.randint(0, 100)
            return pick(rng, DIVIDE, held, always=True).format(a=a, b=0), "Nothing can be divided by zero."
        if rng.random() < 0.75:
            a = b * rng.randint(0, 12)
        else:
            a = rng.randint(0, 50)
            b = rng.randint(2, 10)
        rest = f" remainder {a % b}" if a % b else ""
        if not rest and rng.random() < 0.15:
            form = rng.choice(["What is {a} divided by {b}?", "{a} divided by {b}", "Divide {a} by {b}.", "How much is {a} divided by {b}?"])
            if not held:
                return form.format(a=words(a), b=words(b)), f"{words(a)} divided by {words(b)} is {words(a // b)}.".capitalize()
        return pick(rng, DIVIDE, held, always=True).format(a=a, b=b), f"{a} / {b} = {a // b}{rest}."
    if dice < 0.18:
        a, b, c = (rng.randint(0, 20) for _ in range(3))
        if held_out("+", a, b, c) == held:
            form = rng.choice(["{a} + {b} + {c}", "{a}+{b}+{c}", "What is {a} + {b} + {c}?", "What is {a} plus {b} plus {c}?",
                               "Add {a}, {b} and {c}.", "What is the sum of {a}, {b} and {c}?"])
            return form.format(a=a, b=b, c=c), f"{a} + {b} + {c} = {a + b + c}."
    sign = rng.choices("+-×", [5, 5, 3])[0]
    templates = {"+": ADD, "-": SUBTRACT, "×": MULTIPLY}[sign]
    a, b, result = sum_pair(rng, held, sign)
    spoken = rng.random() < 0.22
    question = pick(rng, templates, held, always=sign == "×")
    if re.search(r"[-+*x×] ?{b}", question):  # "seven + five" is nothing people write
        spoken = False
    if sign == "-" and rng.random() < 0.02:
        question = question.replace("-", "\u2212")
    show = words if spoken else str
    return question.format(a=show(a), b=show(b)), equation(a, sign, b, result, spoken)


def odd_sum(rng: random.Random) -> tuple[str, str]:
    """Doubles and halves, and sums beyond what ember was taught."""
    dice = rng.random()
    if dice < 0.2:
        a = rng.randint(0, 50)
        return rng.choice(["What is twice {a}?", "What is double {a}?", "Double {a}.", "two times {a}"]).format(a=a), f"2 × {a} = {2 * a}."
    if dice < 0.4:
        a = rng.randint(0, 50) * 2
        return rng.choice(["What is half of {a}?", "Half of {a}", "Halve {a}."]).format(a=a), f"Half of {a} is {a // 2}."
    if dice < 0.7:
        low, high = rng.choice([(101, 999), (1000, 9999), (10000, 10**6)])
        a, b = rng.randint(low, high), rng.randint(0, high)
        if rng.random() < 0.5:
            a, b = b, a
        return pick(rng, rng.choice([ADD, SUBTRACT, MULTIPLY]), False).format(a=a, b=b), TOO_LARGE
    a, b = rng.randint(13, 100), rng.randint(0, 100)
    if rng.random() < 0.5:
        a, b = b, a
    return pick(rng, MULTIPLY, False).format(a=a, b=b), TOO_LARGE


def listing(numbers: range | list[int], spoken: bool) -> str:
    text = ", ".join(words(n) if spoken else str(n) for n in numbers) + "."
    return text[0].upper() + text[1:]


def counting(rng: random.Random, held: bool) -> tuple[str, str]:
    """Counting up, down and in steps; neighbours; numbers to words and back."""
    while True:
        dice = rng.random()
        if dice < 0.10:
            n = rng.randint(0, 100)
            if held_out("name", n) != held:
                continue
            if rng.random() < 0.6:
                form = rng.choice(["Write {n} in words.", "How do you write {n} in words?", "{n} in words", "Spell out {n}.", "Spell the number {n}."])
                return form.format(n=n), words(n).capitalize() + "."
            return rng.choice(["Write {n} in digits.", "{n} in digits", "Write {n} as a number.", "What number is {n}?"]).format(n=words(n)), f"{n}."
        if dice < 0.20:
            n, step = rng.randint(1, 99), rng.choice([1, -1])
            if held_out("next", n, step) != held:
                continue
            side = "after" if step == 1 else "before"
            form = rng.choice(["What comes {side} {n}?", "Which number comes {side} {n}?", "What number is {side} {n}?", "What is the number {side} {n}?"])
            return form.format(side=side, n=n), f"{n + step} comes {side} {n}."
        if dice < 0.23 and not held:
            n = rng.choice([150, 200, 500, 1000, 10**4, 10**6, rng.randint(120, 5000)])
            far = rng.choice([str(n), "a thousand", "a million", "infinity", "one billion"])
            return pick(rng, rng.choice([COUNT_TO, COUNT_RANGE]), False).format(a=rng.choice([1, 1, 10, 50]), b=far), TOO_FAR
        spoken = rng.random() < 0.25
        longest = 20 if spoken else 101 if rng.random() < 0.04 else 30
        length = rng.randint(2, longest)
        low = rng.choice([0, 1, 1, rng.randint(0, 99)])
        high = low + length - 1
        if high > 100:
            continue
        step, numbers = 1, list(range(low, high + 1))
        in_words = rng.choice([" in words", " in words", " using words", " as words"]) if spoken else ""
        digits = str
        if dice < 0.45:
            templates, key = COUNT_TO, ("to", high)
            if not spoken and rng.random() < 0.15:
                high = longest = rng.choice([50, 100, 100])
            numbers = list(range(1, high + 1))
            if not 0 < len(numbers) <= longest:
                continue
        elif dice < 0.72:
            templates, key = COUNT_RANGE, ("range", low, high)
            if rng.random() < 0.12:    # "count from 9 to 3" goes down
                key, numbers = ("down", low, high), numbers[::-1]
        elif dice < 0.88:
            templates, key = COUNT_DOWN, ("down", low, high)
            numbers = numbers[::-1]
        else:
            step = rng.choice([2, 2, 3, 5, 10])
            high = low + step * rng.randint(2, 15)
            if high > 100 or spoken:
                continue
            templates, key = COUNT_STEP, ("step", low, high, step)
            numbers = list(range(low, high + 1, step))
        # Every "count to N" is trained; the held-out ones differ by their template.
        if templates is not COUNT_TO and held_out(*key) != held:
            continue
        question = pick(rng, templates, held, always=templates is COUNT_TO)
        if templates is COUNT_DOWN and "{b}" not in question:
            numbers = list(range(high, 0, -1))
            if not 1 < len(numbers) <= longest:
                continue
        if spoken and rng.random() < 0.5:
            digits = words
        first, last = (numbers[0], numbers[-1]) if templates is not COUNT_STEP else (low, high)
        question = question.format(a=digits(first), b=digits(last), s=step)
        if spoken:
            end = question[-1] if question[-1] in ".?" else ""
            question = question[: len(question) - len(end)] + in_words + end
        return question, listing(numbers, spoken)


def comparisons(rng: random.Random, held: bool) -> tuple[str, str]:
    """Yes/no questions on numbers, and which of two is larger."""
    while True:
        a, b = operand(rng), operand(rng)
        if rng.random() < 0.06:
            b = a
        elif rng.random() < 0.25:
            b = max(0, min(100, a + rng.choice([-2, -1, 1, 2, 10, -10])))
        if held_out("compare", a, b) != held:
            continue
        spoken = rng.random() < 0.15
        show = words if spoken else str
        x, y = show(a), show(b)
        dice = rng.random()
        if dice < 0.5:
            up = rng.random() < 0.5
            word = rng.choice(GREATER if up else SMALLER)
            true = a > b if up else a < b
            form = rng.choice(["Is {x} {w} than {y}?", "is {x} {w} than {y}", "Is {x} really {w} than {y}?", "Tell me, is {x} {w} than {y}?",
                               "Is the number {x} {w} than {y}?", "Would you say {x} is {w} than {y}?"])
            if held and rng.random() < 0.4:
                form = "Do you think {x} is {w} than {y}?"
            if not spoken and rng.random() < 0.08:
                form, word = ("{x} > {y}?", "greater") if up else ("{x} < {y}?", "less")
            return form.format(x=x, y=y, w=word), f"{'Yes' if true else 'No'}, {x} is {'' if true else 'not '}{word} than {y}."
        if dice < 0.65 and a != b:
            up = rng.random() < 0.5
            word = rng.choice(GREATER[:4] if up else ["smaller", "lower"])
            best = show(max(a, b) if up else min(a, b))
            form = rng.choice(["Which is {w}, {x} or {y}?", "Which number is {w}: {x} or {y}?", "What is {w}, {x} or {y}?"])
            return form.format(x=x, y=y, w=word), f"{best.capitalize()} is {word}."
        if dice < 0.8:
            word = rng.choice(["even", "odd"])
            if held_out("parity", a, word) != held:
                continue
            true = (a % 2 == 0) == (word == "even")
            form = rng.choice(["Is {x} {w}?", "Is {x} an {w} number?", "is {x} {w}"])
            return form.format(x=x, w=word), f"{'Yes' if true else 'No'}, {x} is {'' if true else 'not '}{word}."
        if dice < 0.9:
            p, q = rng.randint(0, 20), rng.randint(0, 20)
            if held_out("equal", p, q) != held:
                continue
            c = p + q if rng.random() < 0.5 else max(0, p + q + rng.choice([-2, -1, 1, 2, 10]))
            form = rng.choice(["Is {p} + {q} equal to {c}?", "Is {p} + {q} = {c}?", "Does {p} plus {q} make {c}?", "Is {p} plus {q} {c}?"])
            return form.format(p=p, q=q, c=c), f"{'Yes' if c == p + q else 'No'}, {p} + {q} = {p + q}."
        true = a == b
        form = rng.choice(["Is {x} equal to {y}?", "Are {x} and {y} equal?", "Is {x} the same as {y}?"])
        return form.format(x=x, y=y), f"{'Yes' if true else 'No'}, {x} is {'' if true else 'not '}equal to {y}."
