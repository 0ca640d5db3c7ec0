"""A forwarder between an HTTP client and a server that does to requests what networks and busy stores do.

    fault_proxy.py --port PORT --target PORT [--seed N]

PUT /__faults with {"reset": 0.05, ...} sets how often each fault happens; GET /__faults says how often each did. GET
/__requests counts requests as object stores bill them: PUT, GET, LIST, DELETE. Faults:

    reset      the connection breaks before the server hears of the request
    lose       the server does what it is asked, and the connection breaks before the answer
    truncate   half of the answer comes, then the connection breaks
    throttle   503 with Retry-After, the server hears nothing
    fail       500, the server hears nothing
    delay      the answer comes 300 ms late
    duplicate  the server gets the request twice, the client the second answer
"""

import argparse
import json
import random
import socket
import struct
import threading
import time

KINDS = ("reset", "lose", "truncate", "throttle", "fail", "delay", "duplicate")
THROTTLED = b"HTTP/1.1 503 Slow Down\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def kind_of(request):
    """What an object store bills a request as."""
    method, target = request.split(b" ", 2)[:2]
    path, _, query = target.partition(b"?")
    parameters = dict(part.partition(b"=")[::2] for part in query.split(b"&"))
    if method == b"DELETE" or b"delete" in parameters or parameters.get(b"comp") == b"batch" or path.startswith(b"/batch/"):
        return "DELETE"
    lists = b"list-type" in parameters or parameters.get(b"comp") == b"list" or parameters.get(b"op") == b"LISTSTATUS"
    if lists or (method == b"GET" and path.endswith(b"/o")):
        return "LIST"
    return "GET" if method in (b"GET", b"HEAD") else "PUT"


class FaultProxy:
    def __init__(self, port, target, seed, watched=None):
        """`watched`: bytes of request lines that are counted apart, too."""
        self.target = target
        self.watched, self.watched_requests = watched, 0
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.rates = {}
        # While it is clear, writes that are not watched wait.
        self.writes = threading.Event()
        self.writes.set()
        self.fired = dict.fromkeys(KINDS, 0)
        self.requests = dict.fromkeys(("PUT", "GET", "LIST", "DELETE"), 0)
        # Heads and bodies, faults not counted.
        self.bytes = dict.fromkeys(("sent", "received"), 0)
        self.listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port = self.listener.getsockname()[1]

    def start(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve_client, args=(client,), daemon=True).start()

    def _serve_client(self, client):
        try:
            request = self._read_request(client)
            if request:
                self._answer(client, request)
        except OSError:
            pass
        finally:
            client.close()

    @staticmethod
    def _read_request(client):
        data = b""
        while b"\r\n\r\n" not in data:
            more = client.recv(1 << 16)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        if b"\r\nexpect: 100-continue" in head.lower():
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                       if line.lower().startswith(b"content-length:")), 0)
        parts = [body]
        missing = length - len(body)
        while missing > 0:
            more = client.recv(1 << 20)
            if not more:
                return None
            parts.append(more)
            missing -= len(more)
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"expect:"))]
        return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + b"".join(parts)

    def _choose(self, request):
        with self.lock:
            self.requests[kind_of(request)] += 1
            self.watched_requests += self.watched is not None and self.watched in request.split(b"\r\n", 1)[0]
            chance = self.random.random()
            for kind in KINDS:
                chance -= self.rates.get(kind, 0)
                if chance < 0:
                    self.fired[kind] += 1
                    return kind
        return None

    def _forward(self, request):
        with socket.create_connection(("127.0.0.1", self.target)) as server:
            server.sendall(request)
            parts = []
            while more := server.recv(1 << 20):
                parts.append(more)
            answer = b"".join(parts)
        with self.lock:
            self.bytes["sent"] += len(request)
            self.bytes["received"] += len(answer)
        return answer

    @staticmethod
    def _break(client):
        # With lingering off, closing sends a reset.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _control(self, client, request):
        if request.startswith(b"PUT "):
            rates = json.loads(request.partition(b"\r\n\r\n")[2])
            unknown = set(rates) - set(KINDS)
            if unknown:
                raise ValueError(f"no such faults: {unknown}")
            with self.lock:
                self.rates = rates
        with self.lock:
            counts = self.requests if b"/__requests" in request.split(b"\r\n", 1)[0] else self.fired
            body = json.dumps(counts).encode()
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))

    def _answer(self, client, request):
        if request.split(b" ", 2)[1].startswith((b"/__faults", b"/__requests")):
            return self._control(client, request)
        kind = self._choose(request)
        line = request.split(b"\r\n", 1)[0]
        if kind_of(request) == "PUT" and not (self.watched and self.watched in line):
            self.writes.wait()
        if kind == "reset":
            return self._break(client)
        if kind in ("throttle", "fail"):
            return client.sendall(THROTTLED if kind == "throttle" else FAILED)
        if kind == "duplicate":
            self._forward(request)
        answer = self._forward(request)
        if kind == "lose":
            return self._break(client)
        if kind == "truncate":
            client.sendall(answer[:len(answer) // 2])
            return self._break(client)
        if kind == "delay":
            time.sleep(0.3)
        client.sendall(answer)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--target", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    FaultProxy(options.port, options.target, options.seed).serve()
