"""Object store servers of other people, started for a test on loopback ports (scripts/setup.sh fetches them), and what a
test needs to see of them: which objects there are."""

import base64
import contextlib
import email.utils
import hmac
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))

import secure_hdfs
from cluster import ROOT, free_port

SERVERS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps")) / "test-servers"
BUCKET = "planaria-test"


def prefix_of(name):
    """Of the keys below a base directory; without name, of all keys."""
    return f"{name}/" if name else ""


def files_below(folder):
    # Not rglob: folders may go while they are walked.
    return [str(pathlib.Path(inside, name).relative_to(folder)) for inside, _, names in os.walk(folder) for name in names]


class Missing(Exception):
    """The server is not installed; the text says how to get it."""


class StoreServer:
    """Use as a context manager."""

    host = "127.0.0.1"
    # What stands before the binary.
    launcher = ()
    # What a fault proxy counts apart in front of it.
    watched = None

    def __init__(self, binary, arguments, directory, seconds=60, environment=None):
        if not (SERVERS / binary).exists():
            raise Missing(f"{SERVERS / binary} is not there: ./dev test and, for what takes longer, "
                          "./dev test-storage install the servers of the storage tests")
        self.port = free_port()
        self.endpoint = f"http://{self.host}:{self.port}"
        self.log = pathlib.Path(directory) / f"{pathlib.Path(binary).name}.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*self.launcher, SERVERS / binary, *arguments(self.port)], stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(environment or {})})
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.create_bucket()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    raise RuntimeError(f"{binary} does not start: {self.log.read_text()[-1000:]}")
                time.sleep(0.1)
            except BaseException:
                self.process.kill()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Directory:
    """Directories of this machine: no server, no port."""

    port = None

    def __init__(self, directory):
        self.directory = pathlib.Path(directory) / "spool"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def base_directory(self, name):
        return f"file://{self.directory}/{name}"

    def properties(self, endpoint=None):
        return {}

    def objects(self, name):
        return files_below(self.directory / name)


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
        page = xml.etree.ElementTree.fromstring(self._request("GET", f"/{BUCKET}?list-type=2&prefix={prefix_of(name)}"))
        return [element.text.removeprefix(prefix_of(name)) for element in page.iter() if element.tag.endswith("}Key")]


class Gateway(StoreServer):
    """versitygw, a second S3: it checks signatures and conditions, and keeps objects as files."""

    ACCESS, SECRET = "planaria-access", "planaria-secret-0123456789"

    def __init__(self, directory):
        self.files = pathlib.Path(directory) / "gateway"
        self.files.mkdir()
        super().__init__("bin/versitygw", lambda port: ["--port", f"127.0.0.1:{port}", "--quiet", "posix", str(self.files)],
                         directory, environment={"ROOT_ACCESS_KEY": self.ACCESS, "ROOT_SECRET_KEY": self.SECRET})

    def create_bucket(self):
        """A bucket is a folder; a request without signature is refused by a server that runs."""
        (self.files / BUCKET).mkdir(exist_ok=True)
        try:
            urllib.request.urlopen(self.endpoint, timeout=20).close()
        except urllib.error.HTTPError as refused:
            if refused.code not in (400, 403):
                raise

    def base_directory(self, name):
        return f"s3a://{BUCKET}/{name}"

    def properties(self, endpoint=None):
        return {"exchange.s3.endpoint": endpoint or self.endpoint, "exchange.s3.region": "us-east-1",
                "exchange.s3.aws-access-key": self.ACCESS, "exchange.s3.aws-secret-key": self.SECRET,
                "exchange.s3.path-style-access": "true"}

    def objects(self, name):
        return files_below(self.files / BUCKET / name)


class Azurite(StoreServer):
    """Azure Blob Storage, with the account and key that Azurite publishes."""

    scheme = "abfs"
    ACCOUNT = "devstoreaccount1"
    KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

    def __init__(self, directory):
        super().__init__("node_modules/.bin/azurite-blob",
                         lambda port: ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence",
                                       "--disableTelemetry", "--skipApiVersionCheck"], directory)

    def _request(self, method, query):
        path = f"/{self.ACCOUNT}/{BUCKET}"
        headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2021-12-02"}
        signed = (method + "\n" * 12 + "".join(f"{k}:{v}\n" for k, v in sorted(headers.items())) +
                  f"/{self.ACCOUNT}{path}" + "".join(f"\n{k}:{v}" for k, v in sorted(query.items())))
        signature = base64.b64encode(hmac.digest(base64.b64decode(self.KEY), signed.encode(), "sha256")).decode()
        headers["Authorization"] = f"SharedKey {self.ACCOUNT}:{signature}"
        request = urllib.request.Request(f"{self.endpoint}{path}?{urllib.parse.urlencode(query)}", method=method,
                                         headers=headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.read()

    def create_bucket(self):
        self._request("PUT", {"restype": "container"})

    def base_directory(self, name):
        return f"abfs://{BUCKET}@{self.ACCOUNT}.dfs.core.windows.net/{name}"

    def properties(self, endpoint=None):
        return {"exchange.azure.connection-string":
                f"DefaultEndpointsProtocol=http;AccountName={self.ACCOUNT};AccountKey={self.KEY};"
                f"BlobEndpoint={endpoint or self.endpoint}/{self.ACCOUNT};"}

    def objects(self, name):
        page = xml.etree.ElementTree.fromstring(
            self._request("GET", {"restype": "container", "comp": "list", "prefix": prefix_of(name)}).decode("utf-8-sig"))
        return [element.text.removeprefix(prefix_of(name)) for element in page.iter("Name")]


class GcsEmulator(StoreServer):
    """Google Cloud Storage; no authorization."""

    def __init__(self, directory):
        super().__init__("venv/bin/gcp-storage-emulator",
                         lambda port: ["start", "--host", "127.0.0.1", "--port", str(port), "--in-memory"], directory)

    def _request(self, method, path, body=None):
        request = urllib.request.Request(self.endpoint + path, method=method, data=body,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.loads(response.read())

    def create_bucket(self):
        self._request("POST", "/storage/v1/b?project=test", json.dumps({"name": BUCKET}).encode())

    def base_directory(self, name):
        return f"gs://{BUCKET}/{name}"

    def properties(self, endpoint=None):
        return {"exchange.gcs.endpoint": endpoint or self.endpoint}

    def objects(self, name):
        page = self._request("GET", f"/storage/v1/b/{BUCKET}/o?prefix={prefix_of(name)}")
        return [item["name"].removeprefix(prefix_of(name)) for item in page.get("items", [])]


class MiniHdfs(StoreServer):
    """A name node and a data node of HDFS. The name node redirects clients to the data node's own address."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        super().__init__("bin/mini-hdfs", self.arguments, directory, seconds=300)

    def arguments(self, port):
        return [str(port), str(self.directory / "hdfs")]

    def _get(self, path):
        """What the name node answers, as JSON; nothing for what is not there."""
        try:
            with urllib.request.urlopen(self.endpoint + path, timeout=20) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as refused:
            if refused.code == 404:
                return None
            raise

    def create_bucket(self):
        """Nothing is needed but a name node that knows its data node."""
        answer = self._get("/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState")
        if not answer or not answer["beans"] or answer["beans"][0]["NumLiveDataNodes"] == 0:
            raise ConnectionError("no data node yet")

    def base_directory(self, name):
        return f"hdfs://test/{name}"

    def properties(self, endpoint=None):
        site = self.directory / f"hdfs-site-{(endpoint or self.endpoint).rpartition(':')[2]}.xml"
        site.write_text("<configuration>" + "".join(
            f"<property><name>{name}</name><value>{value}</value></property>"
            for name, value in self.site_properties(endpoint or self.endpoint).items()) + "</configuration>")
        return {"exchange-manager.name": "hdfs", "hdfs.config.resources": site}

    def site_properties(self, endpoint):
        return {"dfs.nameservices": "test", "dfs.namenode.http-address.test": endpoint.removeprefix("http://")}

    def objects(self, name, below=""):
        listing = self._get(f"/webhdfs/v1/{urllib.parse.quote(f'{name}/{below}')}?op=LISTSTATUS")
        keys = []
        for status in listing["FileStatuses"]["FileStatus"] if listing else []:
            key = below + status["pathSuffix"]
            keys += self.objects(name, key + "/") if status["type"] == "DIRECTORY" else [key]
        return keys


class SecureHdfs(MiniHdfs):
    """HDFS behind Kerberos. Nodes started meanwhile find the keytab of its client in their environment."""

    # Tickets are for servers with a name.
    host = "localhost"
    launcher = (sys.executable, secure_hdfs.__file__)
    watched = b"op=GETDELEGATIONTOKEN"
    # Tokens are replaced in the middle of so short a life.
    TOKEN_LIFE_MS = 10_000

    def __init__(self, directory):
        if missing := secure_hdfs.missing_tools():
            raise Missing(missing)
        if not shutil.which("curl"):
            raise Missing("curl missing: apt-get install curl")
        self.environment = secure_hdfs.client_environment(directory)
        super().__init__(directory)

    def arguments(self, port):
        return [str(port), str(self.directory), f"dfs.namenode.delegation.token.renew-interval={self.TOKEN_LIFE_MS}"]

    def _get(self, path):
        result = subprocess.run(["curl", "--silent", "--negotiate", "--user", ":", "--write-out", "\n%{http_code}",
                                 "--max-time", "20", self.endpoint + path], env={**os.environ, **self.environment},
                                capture_output=True, text=True)
        body, _, status = result.stdout.rpartition("\n")
        if status not in ("200", "404"):
            raise ConnectionError(f"{path}: {status} {body[:200]}, curl {result.returncode}")
        return json.loads(body) if status == "200" else None

    def __enter__(self):
        self.before = dict(os.environ)
        os.environ.update(self.environment)
        return super().__enter__()

    def __exit__(self, *failure):
        os.environ.clear()
        os.environ.update(self.before)
        super().__exit__(*failure)

    @contextlib.contextmanager
    def without_tickets(self):
        names = {"KRB5_CLIENT_KTNAME": "FILE:/nowhere/keytab", "KRB5CCNAME": "FILE:/nowhere/tickets"}
        before = {name: os.environ[name] for name in names}
        os.environ.update(names)
        try:
            yield
        finally:
            os.environ.update(before)

    def site_properties(self, endpoint):
        return {"hadoop.security.authentication": "kerberos",
                **super().site_properties(endpoint.replace("127.0.0.1", self.host))}


STORES = {"local": Directory, "s3": Moto, "s3_gateway": Gateway, "azure": Azurite, "gcs": GcsEmulator, "hdfs": MiniHdfs,
          "hdfs_kerberos": SecureHdfs}
