"""Plain text for a terminal: display width, wrapping, and making text from a file harmless."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

WIDTH = 80
#: What a text that was cut ends with.
CUT = " [cut]"

#: Select graphic rendition codes.
_STYLES = {"strong": "1", "good": "1;32", "open": "1;33", "out": "1;36", "none": "1;35", "dim": "2"}

#: Characters that show nothing, or a blank that is none, beside those of the category Cf: fillers, variation selectors,
#: joiners (the default ignorable code points of Unicode) and the empty braille cell.
_INVISIBLE = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)


def safe(text: str) -> str:
    """Text that cannot steer a terminal or hide: control, bidirectional and all invisible characters as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def one_line(text: str) -> str:
    """A text on one line, harmless for a terminal and a page."""
    return safe(" ".join(text.split()))


def _escaped(character: str) -> str:
    if not hides(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def hides(character: str) -> bool:
    """Whether a character steers, reverses or shows nothing; blanks do not count."""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return True
    code = ord(character)
    return code >= _INVISIBLE[0][0] and any(first <= code <= last for first, last in _INVISIBLE)


def width(text: str) -> int:
    """Columns that a text takes: two for wide characters, none for combining ones."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, longest: int) -> str:
    """Cut to that many characters, with a mark where something is missing."""
    return text if len(text) <= longest else text[:longest] + CUT


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Filled with blanks to that many columns."""
    blanks = " " * max(0, columns - width(text))
    return blanks + text if right else text + blanks


def shorten(text: str, columns: int) -> str:
    """Cut to that many columns, ``..`` at the end where something is missing."""
    if _fitting(text, 0, columns) == len(text):
        return text
    return text[: _fitting(text, 0, columns - 2)] + ".."


def wrap(text: str, *, first: str = "", rest: str | None = None, columns: int = WIDTH) -> list[str]:
    """Lines of at most ``columns`` columns; words that are too long (paths) are broken. Linear in the text's length.

    Parameters
    ----------
    first, rest
        What the first line and the further lines begin with; ``rest`` is blanks of the width of ``first`` by default.
    """
    rest = " " * width(first) if rest is None else rest
    lines: list[str] = []
    line, used, empty = first, width(first), True
    for word in safe(text).split():
        length, start = width(word), 0
        while start < len(word):
            gap = "" if empty else " "
            if used + len(gap) + length <= columns:
                line += gap + word[start:]
                used += len(gap) + length
                empty = False
                break
            if not empty:
                lines.append(line)
            else:
                end = _broken(word, start, columns - used)
                lines.append(line + word[start:end])
                length -= width(word[start:end])
                start = end
            line, used, empty = rest, width(rest), True
    if not empty or not lines:
        lines.append(line.rstrip() if empty else line)
    return lines


def _fitting(text: str, start: int, columns: int) -> int:
    """The end of the longest part from ``start`` that fits into so many columns."""
    for place in range(start, len(text)):
        columns -= _columns(text[place])
        if columns < 0:
            return place
    return len(text)


def _broken(word: str, start: int, columns: int) -> int:
    """Where to break a word that does not fit: after at least one character, in a path behind a separator."""
    end = max(_fitting(word, start, columns), start + 1)
    if end == len(word):
        return end
    for marks in ("/\\!", "."):
        joint = max(word.rfind(mark, start, end) for mark in marks) + 1
        if joint > start + (end - start) // 3:
            return joint
    return end


def columns_of(rows: Sequence[Sequence[str]], limits: Sequence[int], right: Iterable[int] = ()) -> list[str]:
    """Rows as lines of aligned columns, each as wide as its widest cell within its limit, two blanks between."""
    shown = [[shorten(safe(cell), limit) for cell, limit in zip(row, limits, strict=True)] for row in rows]
    widths = [max(width(row[i]) for row in shown) for i in range(len(limits))]
    to_right = frozenset(right)
    return [
        "  ".join(pad(cell, widths[i], right=i in to_right) for i, cell in enumerate(row)).rstrip() for row in shown
    ]


def style(text: str, name: str, *, color: bool) -> str:
    """The text in a style, where colors are wanted."""
    return f"\x1b[{_STYLES[name]}m{text}\x1b[0m" if color else text
