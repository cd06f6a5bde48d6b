"""From what the caller wrote to files: order, labels, archives and their limits, and what cannot be read."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from rtcode.errors import (
    EmptyFileError,
    NotAPlanError,
    NotDicomError,
    RtcodeError,
    TooLargeError,
    TruncatedError,
    UnreadableError,
    UsageError,
)
from rtcode.sources import archives, files
from rtcode.sources.expand import SourceFile, expand, reads
from rtcode.sources.remote import is_url, without_secrets

DICOM = b"\0" * 128 + b"DICM" + b"rest"


def zipped(members: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def found(sources: Iterable[Path | str]) -> list[tuple[str, bytes | str, bool]]:
    """(label, bytes or error code, named) of every file."""
    result: list[tuple[str, bytes | str, bool]] = []
    for file in expand(sources):
        try:
            result.append((file.label, file.read(), file.named))
        except RtcodeError as error:
            result.append((file.label, error.code, file.named))
    return result


def test_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.dcm"
    path.write_bytes(DICOM)
    assert found([path]) == [(str(path), DICOM, True)]


def test_a_folder_gives_all_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b/2.dcm", "b/10.dcm", "a.dcm", "b/c/1.dcm"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    labels = [os.path.relpath(label, tmp_path) for label, _, _ in found([tmp_path])]
    assert labels == [str(Path(name)) for name in ("a.dcm", "b/10.dcm", "b/2.dcm", "b/c/1.dcm")]
    assert not any(named for _, _, named in found([tmp_path]))


def test_sources_stay_in_the_order_given(tmp_path: Path) -> None:
    for name in ("z.dcm", "a.dcm"):
        (tmp_path / name).write_bytes(DICOM)
    assert [label for label, _, _ in found([tmp_path / "z.dcm", tmp_path / "a.dcm"])] == [
        str(tmp_path / "z.dcm"),
        str(tmp_path / "a.dcm"),
    ]


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    assert found([tmp_path]) == [(str(tmp_path), "not_a_plan", True)]


def test_a_missing_path_is_unreadable(tmp_path: Path) -> None:
    assert found([tmp_path / "nothing.dcm"]) == [(str(tmp_path / "nothing.dcm"), "unreadable", True)]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_folder_that_links_to_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "plan.dcm").write_bytes(DICOM)
    (tmp_path / "inner" / "again").symlink_to(tmp_path)
    assert len(found([tmp_path])) == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_to_nothing_is_reported(tmp_path: Path) -> None:
    (tmp_path / "plan.dcm").symlink_to(tmp_path / "gone.dcm")
    assert found([tmp_path]) == [(str(tmp_path / "plan.dcm"), "unreadable", False)]


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_listed_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "plan.dcm").write_bytes(DICOM)
    pipe, plan = expand([tmp_path])
    assert plan.label == str(tmp_path / "plan.dcm") and plan.read() == DICOM
    assert pipe.label == str(tmp_path / "pipe") and isinstance(pipe.error, NotAPlanError)
    assert "named pipe" in pipe.error.message and pipe.only_skipped(pipe.error)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_that_is_named_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (pipe,) = expand([tmp_path / "pipe"])
    assert isinstance(pipe.error, UnreadableError) and "standard input" in pipe.error.hint


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs devices")
def test_a_device_is_not_read() -> None:
    assert found(["/dev/zero"]) == [("/dev/zero", "unreadable", True)]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs descriptors by name")
@pytest.mark.parametrize("data", [DICOM, zipped({"plan.dcm": DICOM})], ids=["plan", "archive"])
def test_what_the_shell_opens_is_read(data: bytes) -> None:
    """Process substitution: ``<(command)`` becomes the name of a pipe that is open already."""
    ours, theirs = os.pipe()
    os.write(theirs, data)
    os.close(theirs)
    ((label, content, named),) = found([f"/dev/fd/{ours}"])
    os.close(ours)
    wanted = (f"/dev/fd/{ours}", True) if data is DICOM else (f"/dev/fd/{ours}!plan.dcm", False)
    assert content == DICOM and (label, named) == wanted


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("x" * 300 + ".dcm", "longer than a name may be"),
        ("a\0b", "a zero byte ends a path for the system"),
        ("\ud800", "half of a surrogate pair has no bytes"),
        ("file:///a%00b", "a zero byte in a URL"),
        ("file://[bad", "no URL at all"),
        ("file://elsewhere/plan.dcm", "the path of another computer is none of this one"),
    ],
)
def test_a_path_that_cannot_be_is_unreadable(source: str, why: str) -> None:
    ((label, code, named),) = found([source])
    assert (code, named) == ("unreadable", True), why
    label.encode("utf-8")


def test_an_empty_text_is_no_source() -> None:
    with pytest.raises(UsageError):
        found([""])


def _names(folder: Path) -> dict[str, tuple[str, str]]:
    """Name → (a source that reads a file, that file), for every way to get at it."""
    plan, archive = folder / "d" / "plan.dcm", folder / "x.zip"
    plan.parent.mkdir()
    plan.write_bytes(DICOM)
    archive.write_bytes(zipped({"plan.dcm": DICOM}))
    (folder / "d" / "inner").mkdir()
    (folder / "d" / "inner" / "other.zip").write_bytes(archive.read_bytes())
    return {
        "itself": (str(plan), str(plan)),
        "in a folder": (str(plan.parent), str(plan)),
        "an archive": (str(archive), str(archive)),
        "an archive in a folder below": (str(plan.parent), str(folder / "d" / "inner" / "other.zip")),
        "a file URL": (plan.as_uri(), str(plan)),
        "another URL of this computer": (f"local://{plan}", str(plan)),
        "a chained URL": (f"zip://plan.dcm::file://{archive}", str(archive)),
    }


WAYS = ["itself", "in a folder", "an archive", "an archive in a folder below", "a file URL"]
WAYS += ["another URL of this computer", "a chained URL"]


@pytest.mark.parametrize("way", WAYS)
def test_what_would_be_read_is_known(tmp_path: Path, way: str) -> None:
    ways = _names(tmp_path)
    assert set(ways) == set(WAYS)
    source, target = ways[way]
    assert reads([source], Path(target))
    assert reads(["nothing.dcm", "s3://bucket/x.dcm", "file://[bad", source], Path(target))
    assert not reads([source], tmp_path / "new.txt"), "what does not exist is not read"
    (tmp_path / "copy").write_bytes(Path(target).read_bytes())
    assert not reads([source], tmp_path / "copy"), "the same bytes, another file"
    os.link(target, tmp_path / "hard")
    assert reads([source], tmp_path / "hard")
    if os.name != "nt":
        (tmp_path / "soft").symlink_to(target)
        assert reads([source], tmp_path / "soft") and reads([tmp_path / "soft"], Path(target))


def test_what_is_passed_over_by_its_name_is_not_read(tmp_path: Path) -> None:
    """The result of an earlier call in the folder of the plans may be replaced by the next call."""
    (tmp_path / "result.json").write_text("{}")
    assert not reads([tmp_path], tmp_path / "result.json")
    assert reads([tmp_path / "result.json"], tmp_path / "result.json"), "named, it is a source"
    (tmp_path / "plan.txt").write_bytes(DICOM)
    assert reads([tmp_path], tmp_path / "plan.txt"), "a DICOM file whatever its name"


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode on Windows")
def test_a_name_that_is_no_utf8_can_be_shown(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"pl\xe4n.dcm")).write_bytes(DICOM)
    except OSError:
        pytest.skip("the file system wants UTF-8")
    ((label, data, _),) = found([tmp_path])
    assert label.endswith("pl\\xe4n.dcm") and data == DICOM
    label.encode("utf-8")


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz"])
def test_archives(tmp_path: Path, name: str) -> None:
    members = {"inner/plan.dcm": DICOM, "other.dcm": b"x"}
    mode = {"gz": "w:gz", "tgz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}.get(name.rsplit(".", 1)[1], "w")
    (tmp_path / name).write_bytes(zipped(members) if name == "a.zip" else tarred(members, mode))
    label = str(tmp_path / name)
    wanted = [(f"{label}!inner/plan.dcm", DICOM, False), (f"{label}!other.dcm", b"x", False)]
    assert found([tmp_path / name]) == wanted
    assert found([tmp_path]) == wanted, "an archive in a folder is opened, too"


def test_a_zip_is_known_by_its_content_where_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(zipped({"plan.dcm": DICOM}))
    assert found([path]) == [(f"{path}!plan.dcm", DICOM, False)]


def test_a_word_processors_file_in_a_folder_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "letter.docx").write_bytes(zipped({"word/document.xml": b"<x/>"}))
    assert [label for label, _, _ in found([tmp_path])] == [str(tmp_path / "letter.docx")]


def test_a_plan_whose_preamble_looks_like_a_zip_is_a_plan(tmp_path: Path) -> None:
    data = b"PK\x03\x04" + b"\0" * 124 + b"DICM"
    (tmp_path / "plan.zip").write_bytes(data)
    assert found([tmp_path / "plan.zip"]) == [(str(tmp_path / "plan.zip"), data, True)]


def test_an_archive_in_an_archive_is_opened_but_not_deeper(tmp_path: Path) -> None:
    deep = zipped({"deep.zip": zipped({"plan.dcm": DICOM})})
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"b.zip": zipped({"plan.dcm": DICOM}), "c.zip": deep}))
    assert found([path]) == [
        (f"{path}!b.zip!plan.dcm", DICOM, False),
        (f"{path}!c.zip!deep.zip", "unreadable", False),
    ]


@pytest.mark.parametrize("damage", [lambda d: d[: len(d) // 2], lambda d: d[:30] + b"\xff" * 20 + d[50:]])
@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar"])
def test_a_damaged_archive_is_one_failure_and_never_an_exception(tmp_path: Path, name: str, damage) -> None:  # type: ignore[no-untyped-def]
    members = {f"{i}.dcm": os.urandom(3000) for i in range(5)}
    data = zipped(members) if name == "a.zip" else tarred(members, "w:gz" if name.endswith("gz") else "w")
    (tmp_path / name).write_bytes(damage(data))
    codes = [data for _, data, _ in found([tmp_path / name]) if isinstance(data, str)]
    complete = [data for _, data, _ in found([tmp_path / name]) if isinstance(data, bytes)]
    assert "unreadable" in codes or len(complete) in (1, 5)
    assert all(data in members.values() for data in complete) or name == "a.tar" or codes == []


def test_an_encrypted_member_is_unreadable(tmp_path: Path) -> None:
    data = bytearray(zipped({"plan.dcm": DICOM}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(data))
    (file,) = expand([tmp_path / "a.zip"])
    assert isinstance(file.error, UnreadableError) and "encrypted" in file.error.message


def test_an_empty_archive_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({}))
    assert found([tmp_path / "a.zip"]) == [(str(tmp_path / "a.zip"), "not_a_plan", True)]


def test_what_an_archive_unpacks_to_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "RATIO_FLOOR_BYTES", 10_000)
    (tmp_path / "bomb.zip").write_bytes(zipped({f"{i}.dcm": b"\0" * 100_000 for i in range(20)}))
    result = found([tmp_path / "bomb.zip"])
    assert result[-1][1] == "too_large" and len(result) < 20


@pytest.mark.parametrize("kind", ["zip", "tar", "zip on standard input"])
def test_one_member_is_in_memory_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    size = 12_000_000
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", size)
    members = {f"{i}.dcm": bytes(size) for i in range(6)}
    (tmp_path / "a").write_bytes(tarred(members, "w:gz") if kind == "tar" else zipped(members))
    path = (tmp_path / "a").rename(tmp_path / ("a.tar.gz" if kind == "tar" else "a.zip"))
    stdin = io.TextIOWrapper(io.BytesIO(path.read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    source = "-" if kind.endswith("input") else str(path)
    del members
    import tracemalloc

    tracemalloc.start()
    count = 0
    for file in expand([source]):
        assert len(file.read()) == size
        count += 1
        del file
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 6
    # The member itself, and the room that a growing buffer takes in advance.
    assert peak < 1.6 * size, "two members would be twice the size"


def test_a_member_that_is_too_large_keeps_its_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 1000)
    (tmp_path / "a.zip").write_bytes(zipped({"dose.dcm": DICOM + b"\0" * 5000}))
    (file,) = expand([tmp_path / "a.zip"])
    assert file.head(132)[128:] == b"DICM"
    with pytest.raises(TooLargeError):
        file.read()


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10)
    (tmp_path / "x.dcm").write_bytes(b"\0" * 11)
    assert found([tmp_path / "x.dcm"])[0][1] == "too_large"


def test_member_names_never_leave_the_archive_label(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"../../etc/plan.dcm": DICOM}))
    ((label, data, _),) = found([tmp_path / "a.zip"])
    assert label.startswith(str(tmp_path / "a.zip") + "!") and data == DICOM
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


@pytest.mark.parametrize(
    ("name", "error", "skipped", "why"),
    [
        ("x/image.dcm", NotAPlanError("x"), True, "another valid DICOM object met on the way"),
        ("x/README.txt", NotDicomError("x"), True, "its name says that it is something else"),
        ("x/Thumbs.db", NotDicomError("x"), True, "left behind by the system"),
        ("x/._plan.dcm", NotDicomError("x"), True, "macOS writes a shadow of every file"),
        ("a.zip!notes.TXT", EmptyFileError("x"), True, "the case of an ending does not matter"),
        ("x/plan.dcm", NotDicomError("x"), False, "it may be a plan that broke"),
        ("x/RP.1.2.840.99", NotDicomError("x"), False, "plans are named after UIDs"),
        ("x/plan", EmptyFileError("x"), False, "plans often have no ending"),
        ("x/image.dcm", TruncatedError("x"), False, "it may have been a plan"),
        ("x/README.txt", UnreadableError("x"), False, "nobody has seen what it is"),
    ],
)
def test_what_is_only_skipped(name: str, error: Exception, skipped: bool, why: str) -> None:
    assert SourceFile(name, named=False, content=b"").only_skipped(error) is skipped, why  # type: ignore[arg-type]
    assert SourceFile(name, named=True, content=b"").only_skipped(error) is False  # type: ignore[arg-type]


def test_a_dicom_file_with_another_name_is_read(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_bytes(DICOM)
    (tmp_path / "notes.txt").write_bytes(b"hello")
    kinds = {Path(file.label).name: file.other_kind() for file in expand([tmp_path])}
    assert kinds == {"plan.txt": False, "notes.txt": True}


def test_urls_are_told_from_paths() -> None:
    assert is_url("s3://bucket/plan.dcm") and is_url("zip::s3://bucket/a.zip")
    assert not any(is_url(path) for path in ("C://plans", "C:\\plans", "/plans", "plan.dcm", "-", "a:b"))


def test_a_file_url_needs_no_package(tmp_path: Path) -> None:
    path = tmp_path / "my plan.dcm"
    path.write_bytes(DICOM)
    assert found([path.as_uri()]) == [(path.as_uri(), DICOM, True)]


def test_secrets_of_a_url_are_not_shown() -> None:
    assert without_secrets("sftp://me:secret@host/x/plan.dcm") == "sftp://host/x/plan.dcm"
    assert without_secrets("https://host/plan.dcm?X-Amz-Signature=secret") == "https://host/plan.dcm"


def test_a_url_through_fsspec() -> None:
    fsspec = pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    memory = fsspec.filesystem("memory")
    memory.pipe("/rtcode-test/a/plan.dcm", DICOM)
    memory.pipe("/rtcode-test/b.zip", zipped({"inner.dcm": DICOM}))
    assert found(["memory://rtcode-test/a/plan.dcm"]) == [("memory://rtcode-test/a/plan.dcm", DICOM, True)]
    assert found(["memory://rtcode-test"]) == [
        ("memory://rtcode-test/a/plan.dcm", DICOM, False),
        ("memory://rtcode-test/b.zip!inner.dcm", DICOM, False),
    ]
    assert found(["memory://rtcode-nothing/x.dcm"])[0][1] == "source_unavailable"
    with pytest.raises(UsageError):
        found(["nonsense://x.dcm"])
