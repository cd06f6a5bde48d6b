"""Commands whose parameters are plain texts and choices, converted without pydantic.

Newer releases of typer let pydantic convert every parameter. Importing it takes longer than reading and judging a plan,
and texts need no conversion. Where a release of typer has no such step, nothing here changes anything.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class _Plain:
    """Converts the values of one parameter: texts stay, choices become members of their enumeration."""

    def __init__(self, choices: type[Enum] | None) -> None:
        self._choices = choices

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._one(one, param, ctx) for one in value]
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        return self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        if self._choices is None or isinstance(value, self._choices):
            return value
        try:
            return self._choices(value)
        except ValueError:
            known = ", ".join(repr(str(choice.value)) for choice in self._choices)
            raise typer.BadParameter(f"{value!r} is not one of {known}.", ctx=ctx, param=param) from None


class PlainCommand(TyperCommand):
    """A command of texts, lists of texts, flags and enumerations; give it as ``cls`` to ``app.command``."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _plain(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """The same for a group of commands; give it as ``cls`` to ``typer.Typer``."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _plain(super().get_params(ctx))


def _plain(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        descriptor = getattr(parameter, "type_descriptor", None)
        # `None` says that the converter is still to be made; without the attribute this release has none.
        if descriptor is None or getattr(parameter, "_runtime_param", descriptor) is not None:
            continue
        annotation = descriptor.annotation
        if annotation in (str, bool) or annotation == list[str]:
            parameter._runtime_param = _Plain(None)
        elif isinstance(annotation, type) and issubclass(annotation, Enum):
            parameter._runtime_param = _Plain(annotation)
    return parameters
