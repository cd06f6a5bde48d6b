"""The same content written in another way: transfer syntaxes, and other forms of decimal strings."""

from __future__ import annotations

import io
from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian

from benchmarks.seeded.draft import Draft, Unfit, raw
from benchmarks.seeded.kinds import Mark


def encoded(syntax: UID, *, undefined: bool = False) -> Callable[[Draft], bytes]:
    def encode(draft: Draft) -> bytes:
        ds = draft.ds
        if "TransferSyntaxUID" not in getattr(ds, "file_meta", {}):
            return draft.to_bytes()
        ds.file_meta.TransferSyntaxUID = syntax
        if undefined:
            for element in ds.iterall():
                if element.VR == "SQ":
                    element.is_undefined_length = True
                    for item in element.value:
                        item.is_undefined_length_sequence_item = True
        out = io.BytesIO()
        dcmwrite(
            out,
            ds,
            implicit_vr=syntax == ImplicitVRLittleEndian,
            little_endian=syntax != ExplicitVRBigEndian,
            force_encoding=True,
        )
        return out.getvalue()

    return encode


def has_meta(draft: Draft) -> Mark:
    if not getattr(draft.ds, "file_meta", None) or not draft.ds.file_meta.get("TransferSyntaxUID"):
        raise Unfit
    # Private elements of unknown layout cannot be written in another encoding.
    draft.ds.remove_private_tags()
    return Mark((), "another encoding")


def no_private(draft: Draft) -> None:
    draft.ds.remove_private_tags()


def _numbers(draft: Draft, form: str) -> Mark:
    """Every decimal string of the plan written in another way, with the same value."""
    for holder, keyword, numbers in _decimals(draft.ds):
        texts = [form.format(v) for v in numbers]
        if any(len(t) > 16 or float(t) != v for t, v in zip(texts, numbers, strict=True)):
            continue
        raw(holder, keyword, "DS", "\\".join(texts))
    return Mark((), f"numbers as {form.format(12.5)}")


def _decimals(ds: Dataset) -> list[tuple[Dataset, str, list[float]]]:
    found = []
    for element in ds:
        if element.VR == "SQ":
            for item in element.value:
                found += _decimals(item)
        elif element.VR == "DS" and element.keyword and element.value not in (None, ""):
            given = element.value
            listed = given if hasattr(given, "__iter__") else [given]
            found.append((ds, element.keyword, [float(v) for v in listed]))
    return found


def exponents(draft: Draft) -> Mark:
    return _numbers(draft, "{:.8e}")


def fixed(draft: Draft) -> Mark:
    return _numbers(draft, "{:.4f}")
