"""An object store: requests under way at a time against one after the other, with and without a slow network."""

from __future__ import annotations

import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from itertools import islice
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any
from unittest import mock

from bench_triage import SMALL, images, sorts

from rtcode.archive import fetching
from rtcode.archive.engines import Processes
from rtcode.archive.listing import list_source
from rtcode.archive.scan import Progress, fill
from rtcode.archive.settings import header_of, job_of
from rtcode.archive.work import Done, Item, Job, work
from rtcode.sources.expand import label_of
from scanning.archives import uid_of, vmat, with_uid
from scanning.commands import check, head, row, spread

BUCKET = "bench"
HOST = "127.0.0.1"
#: Of a small image: pixels in a row, so that its file has some 20 kB.
SIDE = 96
assert SIDE > SMALL


def one_at_a_time(job: Job, items: tuple[Item, ...]) -> Done:
    """What a worker does, without anything fetched ahead."""
    with mock.patch.object(fetching, "_AHEAD", 1):
        return work(job, items)


#: What the workers of each contender do.
CONTENDERS = {"as it is": work, "one at a time": one_at_a_time}


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


@contextmanager
def server(port: int) -> Iterator[int]:
    """A moto server; gives its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_port(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def await_port(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection((HOST, port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


class Proxy:
    """Passes connections on in a process of its own, and keeps each request back for a while.

    A request fits into one read: those of a scan have no body.
    """

    def __init__(self, target: int, delay_s: float) -> None:
        context = get_context("spawn")
        self.port = free_port()
        self.requests: Synchronized[int] = context.Value("q", 0)
        self.most: Synchronized[int] = context.Value("q", 0)
        arguments = (self.port, target, delay_s, self.requests, self.most)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)

    def __enter__(self) -> Proxy:
        self._process.start()
        await_port(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def reset(self) -> None:
        self.requests.value = self.most.value = 0


def _serve(port: int, target: int, delay_s: float, requests: Synchronized[int], most: Synchronized[int]) -> None:
    """Pass on for ever; counts requests, and those that were kept back or unanswered at the same time."""
    waiting = 0
    change = threading.Lock()

    def upward(client: socket.socket, origin: socket.socket, open_requests: list[int]) -> None:
        nonlocal waiting
        while data := client.recv(65_536):
            with change:
                waiting += 1
                open_requests[0] += 1
                requests.value += 1
                most.value = max(most.value, waiting)
            time.sleep(delay_s)
            origin.sendall(data)
        origin.shutdown(socket.SHUT_WR)

    def downward(client: socket.socket, origin: socket.socket, open_requests: list[int]) -> None:
        nonlocal waiting
        while data := origin.recv(1 << 20):
            with change:
                waiting -= open_requests[0]
                open_requests[0] = 0
            client.sendall(data)
        client.close()

    def started(job: Any, *arguments: object) -> None:
        def guarded() -> None:
            # The other side goes when a scan ends.
            with suppress(OSError):
                job(*arguments)

        threading.Thread(target=guarded, daemon=True).start()

    listener = socket.create_server((HOST, port), backlog=256)
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        origin = socket.create_connection((HOST, target))
        origin.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        open_requests = [0]
        started(upward, client, origin, open_requests)
        started(downward, client, origin, open_requests)


def processor_s(process: int) -> float:
    """Processor time of a process that runs."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_s() -> float:
    """Processor time of the worker processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def upload(count: int, plans: int) -> int:
    """Objects of some 20 kB and VMAT plans, in folders of 200; gives their size in bytes."""
    import s3fs

    files = s3fs.S3FileSystem()
    files.mkdir(BUCKET)
    small = [sort for sort in sorts() if not sort.bare]
    for sort in small:
        sort.side = SIDE
    originals = [next(islice(images(sort, 1, random.Random(7)), 1)) for sort in small]
    made = [(data, uid_of(data)) for data in map(vmat, range(8))]
    total = 0
    every = (count + plans) // plans if plans else count + 1
    given = 0
    for number in range(count + plans):
        if number % every == every - 1 and given < plans:
            data, uid = made[given % len(made)]
            data = with_uid(data, uid, given)
            given += 1
        else:
            data = originals[number % len(originals)]
        files.pipe_file(f"{BUCKET}/in/{number // 200:03d}/IM{number % 200:03d}.dcm", data)
        total += len(data)
    assert given == plans, (given, plans)
    return total


def scan(output: Path, workers: int, contender: str) -> float:
    """Seconds of a scan of the bucket, with worker processes; only their work differs."""
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    source = f"s3://{BUCKET}/in"
    output.mkdir()
    job = job_of(
        output, code_set=None, date_of_service=None, answers=(), policy=None, identifiers="uid", site_key=b"bench"
    )
    start = time.perf_counter()
    listings = [(label_of(source), list_source(source))]
    engine = Processes(workers, CONTENDERS[contender])
    fill(output, listings, job, header_of(job, None), engine, Progress(), frozenset({"ndjson"}))
    return time.perf_counter() - start


def measure(count: int, plans: int, delays_ms: list[float], rounds: int, workers: int, place: str | None) -> None:
    port = free_port()
    own = {
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with mock.patch.dict(os.environ, own), tempfile.TemporaryDirectory(dir=place) as name, server(port) as process:
        size = upload(count, plans)
        print(
            f"\nmoto {version('moto')}, s3fs {version('s3fs')}: {count} images and {plans} VMAT plans, "
            f"{size / 1e6:.0f} MB, {workers} workers, {rounds} rounds\n"
        )
        head(
            "delay of each request ms", "requests", "s", "objects/s", "one at a time / as it is", "requests",
            "most at once", "server's processor", "a worker's processor",
        )  # fmt: skip
        for delay_ms in delays_ms:
            with Proxy(port, delay_ms / 1e3) as proxy:
                os.environ["AWS_ENDPOINT_URL"] = f"http://{HOST}:{proxy.port}"
                _compare(Path(name), count + plans, plans, delay_ms, rounds, workers, process, proxy)


def _compare(
    folder: Path, objects: int, plans: int, delay_ms: float, rounds: int, workers: int, process: int, proxy: Proxy
) -> None:
    seconds: dict[str, list[float]] = {contender: [] for contender in CONTENDERS}
    # Parts of the time for which the server and, on average, a worker had a processor; requests, and most at once.
    seen: dict[str, list[tuple[float, float, int, int]]] = {contender: [] for contender in CONTENDERS}
    for number in range(rounds):
        for contender in list(CONTENDERS)[:: -1 if number % 2 else 1]:
            output = folder / f"{delay_ms:g}-{number}-{contender.replace(' ', '-')}"
            proxy.reset()
            before = processor_s(process), children_s()
            took = scan(output, workers, contender)
            check(output, objects, plans)
            busy, worked = processor_s(process) - before[0], children_s() - before[1]
            seconds[contender].append(took)
            seen[contender].append((busy / took, worked / took / workers, proxy.requests.value, proxy.most.value))
    first = next(iter(CONTENDERS))
    for contender, taken in seconds.items():
        server_part, worker_part, requests, most = (max(one) for one in zip(*seen[contender], strict=True))
        middle = sorted(taken)[len(taken) // 2]
        ratios = [theirs / ours for theirs, ours in zip(taken, seconds[first], strict=True)]
        row(
            f"{delay_ms:g}", contender, spread(taken, 1), f"{objects / middle:.0f}",
            "" if contender == first else spread(ratios, 1), requests, most,
            f"{server_part:.0%}", f"{worker_part:.0%}",
        )  # fmt: skip
