"""What the small tokenizers learn from: a little of many scripts, code, numbers and emoji."""

ENGLISH = """
The loom stood in the long room under the window, and the light of the morning lay on the threads. She counted them
once, then again, because a warp that is short by one thread is a warp that must be wound anew. There were eleven
hundred and twenty. "That's all of them," she said, and they'd have believed her if the cat hadn't been sitting on the
spool. We're told that weaving came before writing, and that the first patterns were the first programs: over, under,
over, under, and a knot where the line must turn. I've never doubted it. It isn't the shuttle that makes the cloth, it
is the order in which the threads are lifted. He'll tell you otherwise; he'd tell you the moon was made of wool.

A language model reads a text from left to right and says, at each place, what may come next. It has no memory but
the text itself and the numbers that it keeps for each token, the keys and the values. When many people ask at once,
their questions are put together in a batch, and one step of the machine answers a little of all of them. The scheduler
decides who runs in the next step. If there's not enough memory for everyone, somebody has to wait, and the fair choice
is the one who came last. Nothing in this is difficult, and everything in it can go wrong.

In 1801 the first such loom was shown; by 1812 there were 11,000 of them. The price fell from 3.50 to 1.25 in 7 years,
which is 64.3% less. Call 555-0199 between 9:00 and 17:30, or write to weaver@example.org (see https://example.org/a?b=c).
"""

OTHERS = """
Der Webstuhl stand am Fenster, und das Licht fiel schräg über die Fäden. Größe, Stärke, Maß: alles übte sie täglich.
Le métier à tisser était déjà là, près de la fenêtre; l'été, on l'ouvrait. Où êtes-vous allés, mes chères élèves?
El niño soñó que la lluvia cantaba. ¿Quién teje mañana? ¡Nadie! La señora Núñez volvió con el corazón en la mano.
Dokumacı kız ipliği sayıyordu; çalışkan, güçlü, şık. Tkaczka liczyła nici: źdźbło, żółć, łąka, ćma, ślad.
Ткачиха считала нити у окна, и утренний свет лежал на полу. Сколько их было? Тысяча сто двадцать, сказала она.
Η υφάντρα μέτρησε τις κλωστές. האורגת ספרה את החוטים ליד החלון.
كانت النساجة تعد الخيوط عند النافذة، والضوء على الأرض. كم عددها؟ ألف ومئة وعشرون.
बुनकर खिड़की के पास धागे गिन रही थी। कितने थे? एक हज़ार एक सौ बीस।
织布机放在窗边，早晨的光落在线上。她数了一遍，又数了一遍。一共有一千一百二十根线。
語り手は窓のそばで糸を数えていた。全部で千百二十本だった。カタカナとひらがな。
베 짜는 여인은 창가에서 실을 세고 있었다. 모두 천백이십 가닥이었다.
ผู้ทอผ้านั่งอยู่ริมหน้าต่างและนับเส้นด้าย
Emoji: 🧵🪡 🙂🙂 👩‍💻 👨‍👩‍👧‍👦 🇯🇵 ❤️ 👍🏽 — and signs: → ≤ ≥ ≠ ∑ √2 π ≈ 3.14159, €5, £6, “quoted”, ‘so’, …
"""

CODE = """
def merge(ranks, word):
    parts = [bytes([b]) for b in word]
    while len(parts) > 1:
        best = min(range(len(parts) - 1), key=lambda i: ranks.get(parts[i] + parts[i + 1], 1 << 30))
        if parts[best] + parts[best + 1] not in ranks:
            break
        parts[best:best + 2] = [parts[best] + parts[best + 1]]
    return parts

export function next(ids: readonly number[], options: { top?: number } = {}): number {
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== 0 && options.top === undefined) return ids[i] * 2
  }
  throw new Error(`no token after ${ids.length}`)
}

{"name": "warp", "threads": [1, 2, 3], "loom": {"width": 1.5e3, "on": true, "cat": null}}
SELECT name, COUNT(*) FROM threads WHERE length > 100 GROUP BY name ORDER BY 2 DESC;
\tif (x == NULL) {\n\t\treturn -1;\n\t}\n
# Title\n\n- one\n- two\n    - three\n\n| a | b |\n|---|---|\n| 1 | 2 |\n
"""

LINES = [line + "\n" for text in (ENGLISH * 2, OTHERS, CODE) for line in text.splitlines()]
