"""Object stores: a scan of a bucket that a real server process offers on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.archive.support import FILES, PLANS_IN, archive, image, lines, rows, said, scan
from tests.archive.test_scan import Nothing
from tests.conftest import PLANS

s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed")
pytest.importorskip("moto", reason="moto is not installed")

BUCKET = "archive"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def bucket(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The archive of the tests in a bucket; workers find the server by the environment."""
    for name, value in (
        ("AWS_ENDPOINT_URL", server), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    files = s3fs.S3FileSystem()
    files.mkdir(BUCKET)
    folder = archive(tmp_path / "archive")
    files.put(f"{folder}/", f"{BUCKET}/in/", recursive=True)
    yield files
    files.rm(BUCKET, recursive=True)
    s3fs.S3FileSystem.clear_instance_cache()


def test_a_bucket_gives_what_a_folder_gives(bucket: Any, tmp_path: Path) -> None:
    counts = scan(tmp_path / "ds", f"s3://{BUCKET}/in").counts
    here = scan(tmp_path / "here", tmp_path / "archive").counts
    assert (counts.files, counts.plans, counts.by_failure) == (FILES, PLANS_IN, here.by_failure)
    found = {line["plan"]["sha256"]: said(line) for line in rows(tmp_path / "ds", "session")}
    assert found == {line["plan"]["sha256"]: said(line) for line in rows(tmp_path / "here", "session")}
    paths = [line["plan"]["path"] for line in rows(tmp_path / "ds", "session")]
    assert f"s3://{BUCKET}/in/b/V24_prostate_vmat.dcm" in paths


def test_only_what_changed_is_fetched_again(bucket: Any, tmp_path: Path) -> None:
    scan(tmp_path / "ds", f"s3://{BUCKET}/in")
    bucket.invalidate_cache()
    assert scan(tmp_path / "ds", f"s3://{BUCKET}/in", engine=Nothing()).read == 0
    bucket.put(str(PLANS / "V11_lumbar_open.dcm"), f"{BUCKET}/in/b/example.dcm")
    bucket.rm(f"{BUCKET}/in/b/V10_single_pa.dcm")
    bucket.invalidate_cache()
    second = scan(tmp_path / "ds", f"s3://{BUCKET}/in")
    assert second.read == 1
    scan(tmp_path / "fresh", f"s3://{BUCKET}/in")
    assert lines(tmp_path / "ds") == lines(tmp_path / "fresh")


def test_images_are_not_fetched_whole(bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = image(tmp_path / "large").read_bytes() + bytes(3_000_000)
    bucket.pipe(f"{BUCKET}/large/CT", large)
    fetched: list[int] = []
    whole = s3fs.S3FileSystem.cat_file

    def counted(self: Any, *arguments: Any, **named: Any) -> bytes:
        data: bytes = whole(self, *arguments, **named)
        fetched.append(len(data))
        return data

    monkeypatch.setattr(s3fs.S3FileSystem, "cat_file", counted)
    assert scan(tmp_path / "ds", f"s3://{BUCKET}/large").counts.skipped == 1
    assert sum(fetched) <= 20_000


def test_a_bucket_that_is_not_there(bucket: Any, tmp_path: Path) -> None:
    counts = scan(tmp_path / "ds", "s3://elsewhere/in").counts
    assert counts.by_failure == {"source_unavailable": 1}


def test_nothing_of_a_bucket_is_known_under_none(bucket: Any, tmp_path: Path) -> None:
    scan(tmp_path / "ds", f"s3://{BUCKET}/in", identifiers="none")
    text = (tmp_path / "ds" / "scan.ndjson").read_text("utf-8")
    assert "s3://" not in text and "V24_prostate" not in text and "CANARY" not in text
    assert os.path.exists(tmp_path / "ds" / "private" / "store.sqlite")  # noqa: PTH110


def test_an_archive_in_a_bucket_by_a_chain(bucket: Any, tmp_path: Path) -> None:
    counts = scan(tmp_path / "ds", f"zip://in::s3://{BUCKET}/in/b/more.zip").counts
    assert (counts.files, counts.plans) == (4, 1)
