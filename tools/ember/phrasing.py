"""How people ask: templates for terms and comparisons, the words around a question, and the way they type."""

from __future__ import annotations

import hashlib
import itertools
import random
import re
from functools import cache

# {np} is the term with its article ("a KV cache"), {bare} without. The *_HELD lists are never trained on.
TERM = [
    "What is {np}?", "What's {np}?", "What is {bare}?", "What does {bare} mean?", "Define {bare}.", "Explain {np}.",
    "Explain {bare}", "Tell me about {np}.", "Can you explain {np}?", "Could you explain {np} to me?", "{bare}?",
    "{bare}", "Please explain {np}.", "Describe {np}.", "What do you know about {np}?", "Give me a definition of {bare}.",
    "What is meant by {bare}?", "I want to know what {np} is.", "Do you know what {np} is?", "Can you tell me what {np} is?",
    "What exactly is {np}?", "What is {np} in LLM inference?", "meaning of {bare}", "definition of {bare}",
    "Explain {bare} in simple terms.", "How would you define {bare}?", "I don't know what {bare} means.",
    "Explain to me what {np} is.", "What is the meaning of {bare}?", "Tell me what {bare} is.",
    "I have never heard of {np}. What is it?", "Give me a short explanation of {np}.", "Remind me what {np} is.",
    "In a few words, what is {np}?", "Help me understand {np}.", "How does {np} work?", "Teach me about {np}.",
    "I'd like to learn about {np}.", "What can you tell me about {np}?", "ELI5 {bare}", "What does the term {bare} mean?",
    "What does {bare} stand for?", "Say what {np} is.", "Talk about {np}.", "Have you heard of {np}?",
    "I keep hearing about {bare}. What is it?", "What is the definition of {bare}?", "what is {np} exactly",
    "Give me a summary of {np}.", "I am confused about {np}.", "Clarify {bare}.", "Could you define {bare}?",
    "Why do we need {np}?", "What is {np} good for?", "What is {np} used for?", "What is the purpose of {np}?",
]
TERM_HELD = [
    "Please give a brief explanation of {np}.", "How do you explain {np}?", "What should I know about {np}?",
    "I need to understand {bare}.", "Would you describe {np} for me?", "What do people mean by {bare}?",
    "Let me know what {np} is.", "Can you give me a definition of {bare}?",
]
PLURAL = [
    "What are {np}?", "What are {np} exactly?", "Explain {np}.", "Tell me about {np}.", "Can you explain {np}?", "{bare}?",
    "{bare}", "Please explain {np}.", "Describe {np}.", "What do you know about {np}?", "Define {np}.", "How do {np} work?",
    "What exactly are {np}?", "I want to know what {np} are.", "Do you know what {np} are?", "What can you tell me about {np}?",
    "Can you tell me what {np} are?", "Help me understand {np}.", "Why do we need {np}?", "What are {np} used for?",
    "What are {np} good for?", "Explain to me what {np} are.", "what are {np} in LLM inference",
]
PLURAL_HELD = ["What should I know about {np}?", "How do you explain {np}?", "Let me know what {np} are."]
COMPARE = [
    "What is the difference between {x} and {y}?", "What's the difference between {x} and {y}?", "{bx} vs {by}", "{bx} vs. {by}?",
    "{bx} versus {by}", "How do {bx} and {by} differ?", "Compare {x} and {y}.", "Compare {bx} with {by}.",
    "Explain the difference between {x} and {y}.", "difference between {bx} and {by}", "Is {bx} the same as {by}?",
    "How does {bx} differ from {by}?", "Can you compare {x} and {y}?", "{bx} or {by}?", "What distinguishes {x} from {y}?",
    "How is {bx} different from {by}?", "Tell me the difference between {x} and {y}.", "{bx} compared to {by}", "What are {bx} and {by}?", "{bx} and {by}?", "Explain {bx} and {by}.",
    "How do {bx} and {by} relate?", "{x}, {y}: how do they differ?", "When {x} and when {y}?", "{bx} - {by}: difference?",
]
COMPARE_HELD = [
    "What are the differences between {x} and {y}?", "I mix up {bx} and {by}. How do they differ?",
    "In what way is {bx} different from {by}?",
]

BEFORE = [
    "Please tell me: ", "Quick question: ", "Hi, ", "Hello! ", "Hey, ", "Hey ember, ", "OK, ", "So, ", "I have a question: ",
    "Can you help me? ", "One more thing: ", "Sorry to bother you, but ", "Now, ", "Well, ", "Thanks. ", "Good morning. ",
    "Ember, ", "Hi! ", "Dear ember, ", "One question: ", "I wonder, ", "May I ask: ", "Could you answer this: ", "Next, ", "Hm, ",
    "Good afternoon. ", "Good day! ", "Sorry, ", "Be so kind: ", "A question for you: ", "Answer me this: ", "Also, ", "Then, ",
    "OK thanks. ", "Nice. ", "I see. ", "Got it. ", "By the way, ", "Let me ask: ", "I want to know: ", "My question is: ", "Listen, ",
    "Hello there, ", "Hi there! ", "I need help. ", "For my work: ", "You there, ", "Maybe you know: ", "I would like to ask: ", "Hello, ", "Another question: ", "And ", "Next question: ", "Alright, ", "Great. ",
    "I am new to this. ", "Tell me, ", "Please, ", "Hi ember! ", "Thank you. ", "Question: ", "Q: ",
]
AFTER = [" Please.", " Thanks.", " Thank you!", " please", " thanks", " I am new to this.", " Be brief.", " I need it for work.", " Thanks in advance.", " Thank you in advance.", " I'd like to know.", " Can you tell me?",
    " Do you know?", " That would be nice.", " That would help.", " I am curious.", " Just asking.", " Any idea?", " It is important.",
    " Tell me.", " Keep it short.", " Many thanks.", " thx", " if you can", " now", " for me", " Explain it simply.", " I forgot.", " Answer briefly.", " :)"]
BEFORE_HELD = ["Excuse me, ", "Good evening! ", "I was wondering: ", "Just one thing: "]
AFTER_HELD = [" Cheers.", " I would be grateful."]

SYSTEMS = [
    "You are a helpful assistant.", "You are a helpful assistant.", "You are ember, a small model.", "You are an AI assistant.",
    "Answer briefly.", "You are a helpful, honest assistant.", "Be concise.", "You are a friendly chat bot.",
    "You are an expert on LLM inference.", "You help users of Warpline.", "Answer in one or two sentences.",
    "You are a knowledgeable assistant. Answer the user's questions.", "Be polite and helpful.", "You are a teacher.",
    "You answer questions about language models.", "Today is a good day. You are a helpful assistant.",
    "You are a helpful assistant. If you do not know something, say so.", "Only answer what you know.", "You are a support agent.",
    "Always answer in English.", "Do not make things up.", "You are a pirate.", "You are a bot in a terminal.", "Assistant",
]
SYSTEMS_HELD = ["You are a useful and friendly assistant.", "Give short and correct answers.", "You are a chat model."]

# Words that can be exchanged or left out in a question without changing what is asked.
SAME = [
    ["how can I", "how do I", "how to", "how could I", "how would I", "how should I", "what is the way to"],
    ["tell me", "explain", "show me", "let me know"], ["what is", "what's", "whats", "what's"], ["reduce", "lower", "decrease", "cut"],
    ["increase", "raise", "improve", "boost"], ["large", "big"], ["fast", "quick"], ["choose", "pick", "select"], ["need", "require"],
    ["start", "run", "launch"], ["explain", "describe", "define"], ["difference", "distinction"], ["supports", "handles"], ["also", "too"],
    ["calculate", "compute", "work out"], ["can you", "could you", "would you", "will you"], ["made", "built", "created"],
    ["does it mean", "is it"], ["happens", "occurs"], ["useful", "helpful"], ["prompt", "input"], ["many", "lots of"], ["answer", "reply"],
]
OPTIONAL = set("the a an do does is are of to in for me my please can you i it that this exactly really".split())

def share(key: str) -> float:
    """A number in [0, 1) that depends on the text alone, so splits never change between runs."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def variants(pattern: str, most: int = 400) -> list[str]:
    """All readings of a pattern such as "(How|Why) (is|was) it", or an even choice of them if there are too many."""
    parts = [part[1:-1].split("|") if part.startswith("(") else [part] for part in re.split(r"(\([^()]*\))", pattern) if part]
    texts = [re.sub(r" +", " ", "".join(choice)).replace(" ,", ",").strip() for choice in itertools.product(*parts)]
    return sorted(texts, key=share)[:most]


WORD = re.compile(r"[A-Za-z]{5,}")


def decapitalise(text: str) -> str:
    """Lower the first letter unless it begins an acronym or is the word I."""
    return text[0].lower() + text[1:] if len(text) > 1 and (text[1].islower() and text[1] != "'") else text


POLITE = [
    "(I would|I'd) (love|like|be happy|appreciate it|be glad) to (know|hear it|understand|learn that)", "(I would|I'd) (appreciate|love|like|welcome) (an answer|your help|it|that)",
    "(It|That) would be (great|nice|kind|lovely|good|very kind|helpful) (of you|to know|)", "(I am|I'm) (grateful|thankful|curious|in a hurry|new here|a beginner|learning|asking for a friend) (for any help|today|)",
    "(Many|Warm|A thousand|Big) thanks (to you|in advance|already|for your help|)", "(Please|Kindly|Do) (answer|tell me|help|reply|be quick) (soon|now|shortly|)", "(No|Not in a) (hurry|rush|pressure)", "(Have|You have) (a nice day|my thanks|a good one)",
    "(Just|Only) (a short answer|the answer|briefly|one line|the facts), please", "(I|We) (need|want) (this|it|the answer) (for|at) (school|work|a talk|my team|a test|university)",
]


@cache
def polite() -> list[str]:
    return [text for pattern in POLITE for text in variants(pattern)]


def wrap(rng: random.Random, question: str, held: bool = False) -> str:
    """Sometimes put polite or chatty words around a question."""
    before, after = (BEFORE_HELD, AFTER_HELD) if held else (BEFORE, AFTER)
    if rng.random() < 0.22:
        lead = rng.choice(before)
        question = lead + (question if lead[-2] in ".!?" else decapitalise(question))
    if rng.random() < 0.10:
        question += rng.choice(after) if held or rng.random() < 0.5 else " " + rng.choice(polite()) + rng.choice([".", ".", "!", ""])
    return question


def reword(rng: random.Random, text: str) -> str:
    """The same question with a word exchanged or small words missing."""
    if rng.random() < 0.25:
        group = rng.choice(SAME)
        for word in group:
            found = re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
            if found:
                other = rng.choice(group)
                if found.group()[0].isupper():
                    other = other[0].upper() + other[1:]
                text = text[:found.start()] + other + text[found.end():]
                break
    if rng.random() < 0.12:
        words = text.split(" ")
        small = [i for i, word in enumerate(words) if word.lower() in OPTIONAL]
        if len(words) >= 5 and small:
            gone = set(rng.sample(small, min(len(small), rng.randint(1, 3))))
            text = " ".join(word for i, word in enumerate(words) if i not in gone)
    return text


def typo(rng: random.Random, text: str) -> str:
    words = list(WORD.finditer(text))
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2:]
    if kind == 1:
        return text[:at] + text[at + 1:]
    return text[:at] + text[at] + text[at:]


def sloppy(rng: random.Random, text: str) -> str:
    """How people really type: lower case, no punctuation, typos, American spelling."""
    if "isation" in text and rng.random() < 0.5:
        text = text.replace("isation", "ization")
    if rng.random() < 0.3 and "ise" in text:
        text = re.sub(r"(quant|token|normal|summar|util|optim)is", r"\1iz", text)
    if rng.random() < 0.06:
        text = re.sub(r"\bplease\b", "pls", text)
    dice = rng.random()
    if dice < 0.30:
        text = text.lower()
    elif dice < 0.32:
        text = text.upper()
    dice = rng.random()
    if dice < 0.30:
        text = text.rstrip(".?! ") or text
    elif dice < 0.33:
        text = text.rstrip(".?!") + rng.choice(["??", "?!", "...", "!", " ?", "."])
    if "'" in text and rng.random() < 0.3:
        text = text.replace("'", "")
    if rng.random() < 0.10:
        text = typo(rng, text)
        if rng.random() < 0.25:
            text = typo(rng, text)
    if rng.random() < 0.01:
        text = text.replace(" ", "  ", 1)
    return text
