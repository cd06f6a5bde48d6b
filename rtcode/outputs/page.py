"""The lines of a report: fields, items, headings and tables, each within the width."""

from __future__ import annotations

from collections.abc import Sequence

from rtcode.outputs.layout import WIDTH, columns_of, pad, style, width, wrap
from rtcode.outputs.words import more

_LABEL = 12


class Page:
    """Collects lines. All text goes through `wrap` or `columns_of`, which make it harmless, before it is styled."""

    def __init__(self, color: bool) -> None:
        self._color = color
        self._lines: list[str] = []

    def line(self, text: str, style_name: str | None = None, *, first: str = "", rest: str | None = None) -> None:
        lines = wrap(text, first=first, rest=rest)
        if style_name is not None:
            lines = [style(line, style_name, color=self._color) for line in lines]
        self._lines += lines

    def field(self, label: str, text: str) -> None:
        self.line(text, first=pad(label, _LABEL), rest=" " * _LABEL)

    def fields(self, label: str, texts: list[str]) -> None:
        """One label for several items, each on lines of its own."""
        for text in texts:
            self.field(label, text)
            label = ""

    def item(self, text: str, *, indent: int = 2) -> None:
        self.line(text, first=" " * indent + "- ")

    def items(self, texts: Sequence[str], most: int, *, indent: int = 2) -> None:
        """The first items, and how many more there are."""
        for text in texts[:most]:
            self.item(text, indent=indent)
        self.more(len(texts) - most, indent=indent + 2)

    def more(self, count: int, *, indent: int) -> None:
        """That a list goes on, where it does."""
        if text := more(count):
            self.line(text, first=" " * indent)

    def heading(self, text: str) -> None:
        self.blank()
        self.line(text, "strong")

    def table(
        self, rows: list[list[str]], limits: list[int], right: tuple[int, ...] = (), notes: list[str] | None = None
    ) -> None:
        """Aligned columns under a header row; a row's note follows it on the same line where there is room."""
        lines = ["  " + line for line in columns_of(rows, limits, right)]
        self._lines.append(style(lines[0], "dim", color=self._color))
        for line, note in zip(lines[1:], notes or [""] * len(lines), strict=False):
            if note and width(line) + 2 + width(note) <= WIDTH:
                self._lines += wrap(note, first=line + "  ")
            else:
                self._lines += [line, *(wrap(note, first=" " * 8) if note else [])]

    def rule(self, text: str) -> None:
        self.blank()
        self.line(text + " " + "-" * (79 - width(text)), "dim")

    def blank(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"
