"""Packs the ASCII forms: rows of 32 bits, sorted, and the words that some of them name.

A row holds for the code points from its own on, up to the next row's:

    code point << 11 | how they read

How they read is one of

    0 .. 1023            place in WORDS: a word for each code point, in order
    COUNTED | bits       a letter, a digit or a number counted on from the first

The last character of a word has its top bit set; a word of that bit alone is no
form; a zero ends the words. The bits of COUNTED are LETTERS (else numbers),
ONE_DIGIT (the last digit alone), PARENTHESES around, and the number of the first.
"""

COUNTED, LETTERS, ONE_DIGIT, PARENTHESES = 0x400, 0x200, 0x100, 0x80
NO_WORDS = b"\0"
END = 0x80

# A gap costs a byte for each code point in it, another row four and one for the end.
WIDEST_GAP = 4
# A look-up reads the words of a row up to its own.
MOST_WORDS = 32
# Shorter ones are as small or smaller as words.
LEAST_COUNTED = 7


def counted(kind, i):
    """What the `i`th of a kind reads."""
    text = chr(ord("a") + i % 26) if kind & LETTERS else str(i % 10 if kind & ONE_DIGIT else i)
    return f"({text})" if kind & PARENTHESES else text


def longest_count(forms, first):
    """How many code points from `first` on count, of what kind, and from which number on."""
    best = (0, None, None)
    for kind in (LETTERS, ONE_DIGIT, 0, LETTERS | PARENTHESES, PARENTHESES):
        period = 26 if kind & LETTERS else 10 if kind & ONE_DIGIT else 64
        for start in range(period):
            length = 0
            while forms.get(first + length) == counted(kind, start + length) and start + length < 1 << 20:
                length += 1
            if length > best[0]:
                best = (length, kind, start)
    return best


def runs(forms):
    """The runs that count, and between them those of words."""
    found, words, previous = [], [], None
    pending = sorted(forms)
    at = 0
    while at < len(pending):
        code_point = pending[at]
        length, kind, start = longest_count(forms, code_point)
        if length >= LEAST_COUNTED:
            found.append((code_point, length, COUNTED | kind | start))
            words, at = None, at + length
            continue
        gap = code_point - previous - 1 if words else 0
        if not words or gap > WIDEST_GAP or len(words) + gap >= MOST_WORDS:
            words = []
            found.append((code_point, None, words))
            gap = 0
        words += [""] * gap + [forms[code_point]]
        previous, at = code_point, at + 1
    return found


def packed(words):
    text = bytearray()
    for word in words:
        text += word[:-1].encode() + bytes([(ord(word[-1]) if word else 0) | END])
    return bytes(text) + NO_WORDS


def pack(forms):
    """Rows and words. The words of one row may be the end of another's."""
    found = runs(forms)
    texts = sorted({packed(read) for _, length, read in found if length is None}, key=lambda t: (-len(t), t))
    words = b""
    for text in texts:
        if text not in words:
            words += text
    rows = []
    for i, (first, length, read) in enumerate(found):
        rows.append(first << 11 | (words.index(packed(read)) if length is None else read))
        following = found[i + 1][0] if i + 1 < len(found) else None
        if length is not None and first + length != following:
            # The count ends here, and nothing begins.
            rows.append(first + length << 11 | words.index(NO_WORDS))
    if len(words) > COUNTED:
        raise SystemExit(f"{len(words)} bytes of words: a row can name {COUNTED} places")
    return rows, words


def unpack(rows, words, code_point):
    """As the product reads them; an empty text if there is none."""
    row = max((row for row in rows if row >> 11 <= code_point), default=None)
    if row is None:
        return ""
    i = code_point - (row >> 11)
    if row & COUNTED:
        return counted(row & ~0x7F & 0x3FF, (row & 0x7F) + i)
    at = row & 0x3FF
    while words[at] != 0:
        end = at
        while words[end] < END:
            end += 1
        if i == 0:
            return (words[at:end] + bytes([words[end] & 0x7F])).decode().strip("\0")
        at, i = end + 1, i - 1
    return ""
