"""Object store servers of other people, started for a test on loopback ports (scripts/setup.sh fetches them), and what a
test needs to see of them: which objects there are."""

import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))

from cluster import ROOT, free_port

SERVERS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps")) / "test-servers"
BUCKET = "planaria-test"


class Missing(Exception):
    """The server is not installed; the text says how to get it."""


class StoreServer:
    """Use as a context manager."""

    def __init__(self, binary, arguments, directory):
        if not (SERVERS / binary).exists():
            raise Missing(f"{SERVERS / binary} is not there: ./dev test installs the servers of the storage tests")
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = pathlib.Path(directory) / f"{pathlib.Path(binary).name}.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([SERVERS / binary, *arguments(self.port)], stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.create_bucket()
                return
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    raise RuntimeError(f"{binary} does not start: {self.log.read_text()[-1000:]}")
                time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Moto(StoreServer):
    """S3. It checks no signatures, and answers whoever shows an Authorization header."""

    scheme = "s3"
    AUTHORIZATION = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, "
                                      "SignedHeaders=host, Signature=0"}

    def __init__(self, directory):
        super().__init__("venv/bin/moto_server", lambda port: ["-H", "127.0.0.1", "-p", str(port)], directory)

    def _request(self, method, path):
        request = urllib.request.Request(self.endpoint + path, method=method, headers=self.AUTHORIZATION)
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.read()

    def create_bucket(self):
        self._request("PUT", f"/{BUCKET}")

    def base_directory(self, name):
        return f"s3://{BUCKET}/{name}"

    def properties(self, endpoint=None):
        return {"exchange.s3.endpoint": endpoint or self.endpoint, "exchange.s3.region": "us-east-1",
                "exchange.s3.aws-access-key": "test", "exchange.s3.aws-secret-key": "test",
                "exchange.s3.path-style-access": "true"}

    def objects(self, name):
        """Keys below a base directory, of at most 1000 objects."""
        page = xml.etree.ElementTree.fromstring(self._request("GET", f"/{BUCKET}?list-type=2&prefix={name}/"))
        return [element.text.removeprefix(name + "/") for element in page.iter() if element.tag.endswith("}Key")]
