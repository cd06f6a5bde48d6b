"""Plain text for a terminal: display width, wrapping, and making text from a file harmless."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

WIDTH = 80

#: Select graphic rendition codes.
_STYLES = {"strong": "1", "good": "1;32", "open": "1;33", "out": "1;36", "none": "1;35", "dim": "2"}

#: Format characters that some scripts need to be read.
_JOINERS = frozenset("\u200c\u200d")


def safe(text: str) -> str:
    """Text that cannot steer a terminal or hide: control, bidirectional and other format characters as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    category = unicodedata.category(character)
    if character in _JOINERS or category not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(text: str) -> int:
    """Columns that a text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    columns = 0
    for character in text:
        if unicodedata.combining(character) or character in _JOINERS:
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Filled with blanks to that many columns."""
    blanks = " " * max(0, columns - width(text))
    return blanks + text if right else text + blanks


def shorten(text: str, columns: int) -> str:
    """Cut to that many columns, ``..`` at the end where something is missing."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 2:
            break
        kept += character
    return kept + ".."


def wrap(text: str, *, first: str = "", rest: str | None = None, columns: int = WIDTH) -> list[str]:
    """Lines of at most ``columns`` columns; words that are too long (paths) are broken.

    Parameters
    ----------
    first, rest
        What the first line and the further lines begin with; ``rest`` is blanks of the width of ``first`` by default.
    """
    rest = " " * width(first) if rest is None else rest
    lines: list[str] = []
    line, empty = first, True
    for word in safe(text).split():
        while word:
            gap = "" if empty else " "
            if width(line) + len(gap) + width(word) <= columns:
                line += gap + word
                empty = False
                break
            if not empty:
                lines.append(line)
                line, empty = rest, True
                continue
            head = _fitting(word, columns - width(line))
            lines.append(line + head)
            word = word[len(head) :]
            line, empty = rest, True
    if not empty or not lines:
        lines.append(line.rstrip() if empty else line)
    return lines


def _fitting(word: str, columns: int) -> str:
    """The longest beginning of a word that fits, at least one character; a path is broken behind a separator."""
    kept = word[0]
    for character in word[1:]:
        if width(kept + character) > columns:
            break
        kept += character
    if len(kept) == len(word):
        return kept
    for marks in ("/\\!", "."):
        joint = max(kept.rfind(mark) for mark in marks) + 1
        if joint > len(kept) // 3:
            return kept[:joint]
    return kept


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
