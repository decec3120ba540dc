"""The server in a process of its own, asked on one connection, with idle ones beside it; moto's server; memory.

python -m tests.benchmarks.serve [REQUESTS for the memory, 200000 by default]
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median, quantiles
from urllib.parse import urlencode

from tests.benchmarks.measure import Row, show

COPIES = 3000
WARM_UP = 200
IDLE = 200
REQUESTS = 200_000
BATCH = 10_000
REGION = "us-west-2"
SERVE = (
    "from neptune_guard.serve import Server\nfrom neptune_guard.stub import NeptuneStub\n"
    "server = Server(NeptuneStub(manual_snapshot_quota=10**9))\nprint(server.port, flush=True)\nserver.run()"
)
MOTO = (
    "from moto.server import ThreadedMotoServer\nimport threading, logging\n"
    "logging.getLogger('werkzeug').setLevel(logging.ERROR)\n"
    "server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)\nserver.start()\n"
    "print(server.get_host_and_port()[1], flush=True)\nthreading.Event().wait()"
)
SCOPE = f"AKID/20260504/{REGION}/rds/aws4_request"
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0",
}
CREATED = (
    {"Action": "CreateDBCluster", "DBClusterIdentifier": "graph", "Engine": "neptune"},
    {"Action": "CreateDBClusterSnapshot", "DBClusterIdentifier": "graph", "DBClusterSnapshotIdentifier": "nightly"},
)


class Served:
    """A server in a process of its own, and one connection to it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.pid, self.port = process.pid, port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, **form: str) -> bytes:
        self.connection.request("POST", "/", urlencode({**form, "Version": "2014-10-31"}), HEADERS)
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return body

    def reset(self) -> None:
        self.connection.request("POST", "/_neptune-guard/reset", "{}", {"Content-Type": "application/json"})
        assert self.connection.getresponse().read() == b"null\n"

    def resident(self) -> int:
        """Return the process's memory in bytes."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


@contextmanager
def served(program: str) -> Iterator[Served]:
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout
            made = Served(process, int(process.stdout.readline()))
            yield made
            made.connection.close()
        finally:
            process.kill()


def prepare(server: Served) -> None:
    """Make a cluster and a snapshot that is available."""
    for form in CREATED:
        server.call(**form)
        for _ in range(3):  # the clock moves at every request
            server.call(Action="DescribeDBClusters")


def times(server: Served, prefix: str, copies: int) -> list[float]:
    """Return the seconds that each of so many copies took."""
    taken = []
    for number in range(copies):
        start = time.perf_counter()
        server.call(
            Action="CopyDBClusterSnapshot",
            SourceDBClusterSnapshotIdentifier="nightly",
            TargetDBClusterSnapshotIdentifier=f"{prefix}-{number}",
        )
        taken.append(time.perf_counter() - start)
    return taken


def on_one_connection() -> list[Row]:
    """Copies with nobody else there, with idle connections, and by moto's server beside it, in turns."""
    with ExitStack() as open_:
        ours, moto = open_.enter_context(served(SERVE)), open_.enter_context(served(MOTO))
        taken: dict[str, list[float]] = {"alone": [], "idle": [], "moto": []}
        for server, prefix in ((ours, "warm"), (moto, "warm")):
            prepare(server)
            times(server, prefix, WARM_UP)
        for turn in range(5):
            taken["alone"] += times(ours, f"alone-{turn}", COPIES // 5)
            taken["moto"] += times(moto, f"moto-{turn}", COPIES // 50)
            with ExitStack() as idle:
                for _ in range(IDLE):
                    idle.enter_context(socket.create_connection(("127.0.0.1", ours.port)))
                taken["idle"] += times(ours, f"idle-{turn}", COPIES // 5)
        alone, idle_ones, others = (taken[name] for name in ("alone", "idle", "moto"))
        return [
            Row("a copy over HTTP on one connection, mean", 1000 * sum(alone) / len(alone), 1.0, "ms"),
            Row("the same, its 99th percentile", 1000 * quantiles(alone, n=100)[98], 5.0, "ms"),
            Row(f"a copy with {IDLE} idle connections / alone", median(idle_ones) / median(alone), None),
            Row("a copy by moto's server / by this one", median(others) / median(alone), None),
        ]


def memory(requests: int) -> list[Row]:
    """How the memory grows over many requests, the stub emptied after each batch of them."""
    with served(SERVE) as server:
        sizes = []
        for _ in range(max(2, requests // BATCH)):
            for _ in range(BATCH):
                server.call(Action="DescribeDBClusterSnapshots")
            server.reset()
            sizes.append(server.resident())
        what = f"memory after {BATCH * len(sizes):,} requests / after {BATCH:,}"
        return [Row(what, sizes[-1] / sizes[0], 1.05, f"{sizes[-1] / 2**20:.0f} MiB")]


def rows(requests: int = REQUESTS) -> list[Row]:
    return [*on_one_connection(), *memory(requests)]


if __name__ == "__main__":
    show(rows(*map(int, sys.argv[1:])))
