"""Strings on which tokenizers go wrong. Family tokens are put in where a case says BOS, EOS, TURN or ADDED."""

ASCII = "".join(map(chr, range(32, 127)))
ZALGO = "Z\u0351\u036b\u0343a\u0329\u0347l\u032eg\u0326o\u0321"

STRINGS = [
    "", " ", "  ", "   ", "       ", "a", " a", "a ", "  a", "a  ", " a b  c   d    e ", "hello", "Hello world", "Hello  world",
    "\n", "\n\n", "\n\n\n", "\n\n\n\n\n", "\r\n", "\r", "a\nb", "a\n\nb", "a\r\nb\r\n", "a \n b", " \n ", "\n a", "a\n ", "\t", "\t\t", "a\tb", " \t \n\t x",
    "def f(x):\n    if x:\n        return x  # so\n\n\tdone", "    four", "a    \n", "x\u00a0y", "\u3000全角", "\u2028\u2029", "\u200b\u200c\u200d\ufeff", "\ufeffBOM",
    "\u0085next", "\u180e\u2000\u2009\u202f\u205f.", "\x00", "\x01\x02\x03\x1f\x7f", "a\x00b", "".join(map(chr, range(32))), "".join(map(chr, range(127, 256))),
    ASCII, "don't I'll we've they're I'm he'd it's", "DON'T I'LL WE'VE THEY'RE I'M HE'D IT'S", "'s 't 're 've 'm 'll 'd 'S 'x", "'\u017f a'\u017ft", "o’clock ‘so’",
    "0", "7", "42", "123", "1234", "12345678901234567890", "3.14159", "1,000,000.00", "٣٤٥ १२३ ⅷ ² ½", "2024-05-17T08:09:10Z", "a1b22c333d4444",
    "!", "!!!", "?!?!", "...", "a.b.c", "$5 + €6 = 11", "x=1;y=2;", "(((", "[]{}<>", "\\n", "\\", "`code`", "--", "___", "_a_", "://", "https://example.org/a?b=c&d=%20#e", "a@b.co",
    "{\"k\": [1, 2.5, null, true], \"s\": \"q\\\"\"}", "<div class=\"x\">&amp;</div>", "| a | b |\n|---|---|\n", "\n!\n", ")\n\n(", "end.\n\nNext", "wow!\r\n\r\n\tx",
    "schön Größe élève", "e\u0301le\u0300ve", "\u00e9 e\u0301", "\u212b \u00c5 A\u030a", "\ufb01 \u2126 \u1e9b\u0323", ZALGO, "\u0301", " \u0301a", "각 \u1100\u1161\u11a8", "İstanbul ıI", "ǅ ǆ ß ẞ",
    "織布機放在窗邊", "早晨的光。", "语り手は窓のそば", "カタカナ ｶﾀｶﾅ", "베 짜는 여인", "ткачиха Считала", "האורגת", "كانت النساجة", "\u202eabc\u202c", "बुनकर क्षि", "ผู้ทอผ้า", "Ελληνικά", "𝔘𝔫𝔦", "𠮷野家", "\U0010ffff", "\ue000", "\ufffd", "\ufffe",
    "🙂", "🙂🙂🙂", "👩‍💻", "👨‍👩‍👧‍👦", "🇯🇵🇫🇷", "❤️", "👍🏽", "a🙂b", " 🙂 ", "🧵🪡🙂 thread", "1️⃣", "x\u200dy",
    "The scheduler decides who runs in the next step.", "A language model reads a text from left to right, and says what may come next.",
    "antidisestablishmentarianism", "a" * 300, "ab" * 150, "the" * 100, "x " * 64, " " * 100, "\n" * 40, "🙂" * 40, "織" * 60, "1" * 50, "=" * 80, "aA" * 40, "." * 33 + "\n", "\t" * 17 + "x",
    "▁", "▁▁", "▁a", "a▁b", " ▁ ", "▁▁▁▁x", "Ġ", "Ġa Ċ", "<0x41>", "<0xZZ>", "<unk>", "<s>", "</s>", "<|x|>",
    "BOS", "EOS", "BOSEOS", "TURN", "aTURNb", "a TURN b", " TURN", "TURN ", "TURN\n", "\nTURN\n\n", "BOSHello", "BOS Hello", "HelloEOS", "Hello EOS", "EOSEOS EOS", "xBOSyEOSz", "🙂TURN🙂", "  TURN  ",
    "ADDED", "aADDEDb", "a ADDED b", "ADDEDADDED", " ADDED ", "ADDEDTURN", "ADDED.", "aTUR", "<|", "<", "<<SYS>>\nx\n<</SYS>>\n\n",
    "TURNuser\nHi thereEOSTURN", "\ud800", "a\udc00b", "\ud83d\ude42",
]


def strings(family):
    """The table with the family's tokens; a lone surrogate becomes U+FFFD, as in any UTF-8 text."""
    for text in STRINGS:
        for word in ("BOS", "EOS", "TURN", "ADDED"):
            text = text.replace(word, family[word.lower()])
        yield text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
