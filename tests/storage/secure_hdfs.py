"""HDFS behind Kerberos on loopback ports: a realm with a KDC of its own, whose keys live and die with the directory.

    secure_hdfs.py MINI-HDFS PORT DIRECTORY [PROPERTY=VALUE...]

runs until it is killed; what it starts ends with it. In DIRECTORY a client finds krb5.conf and client.keytab; the tickets
of brief.keytab live for seconds."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

REALM = "PLANARIA.TEST"
CLIENT, BRIEF_CLIENT = f"planaria@{REALM}", f"brief@{REALM}"
SERVER, WEB = f"hdfs/localhost@{REALM}", f"HTTP/localhost@{REALM}"
# Where Debian has them, which is not in every PATH.
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
TOOLS = ("krb5kdc", "kadmin.local", "kdb5_util")
KDC_STARTS_WITHIN = 30


def missing_tools():
    """Why there is no KDC on this machine, and what to do about it; empty when there is one."""
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=PATH)]
    return f"{', '.join(missing)} missing: apt-get install krb5-kdc krb5-admin-server" if missing else ""


def client_environment(directory):
    """What a client needs to get tickets by itself."""
    directory = pathlib.Path(directory)
    return {"KRB5_CONFIG": str(directory / "krb5.conf"), "KRB5_CLIENT_KTNAME": f"FILE:{directory / 'client.keytab'}",
            "KRB5CCNAME": f"FILE:{directory / 'client.tickets'}"}


def end_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Kdc:
    """A realm in a directory, with the keys of HDFS and of one client in keytabs."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        (self.directory / "krb5.conf").write_text(f"""[libdefaults]
  default_realm = {REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  {REALM} = {{
    kdc = 127.0.0.1:{self.port}
  }}
[domain_realm]
  localhost = {REALM}
""")
        (self.directory / "kdc.conf").write_text(f"""[kdcdefaults]
  kdc_listen = 127.0.0.1:{self.port}
  kdc_tcp_listen = 127.0.0.1:{self.port}
[realms]
  {REALM} = {{
    database_name = {self.directory}/principals
    key_stash_file = {self.directory}/stash
    acl_file = {self.directory}/acl
    supported_enctypes = aes256-cts-hmac-sha1-96:normal
  }}
""")
        self.environment = {**os.environ, "PATH": PATH, "KRB5_CONFIG": str(self.directory / "krb5.conf"),
                            "KRB5_KDC_PROFILE": str(self.directory / "kdc.conf")}
        self._run("kdb5_util", "create", "-r", REALM, "-s", "-P", "of-a-test")
        for principal, keytab, life in ((SERVER, "server.keytab", ""), (WEB, "server.keytab", ""),
                                        (CLIENT, "client.keytab", ""), (BRIEF_CLIENT, "brief.keytab", "-maxlife 5sec")):
            self._admin(f"addprinc -randkey {life} {principal}")
            self._admin(f"ktadd -k {self.directory / keytab} {principal}")
        self.process = subprocess.Popen(["krb5kdc", "-n"], env=self.environment, stdin=subprocess.DEVNULL,
                                        preexec_fn=end_with_parent)
        deadline = time.monotonic() + KDC_STARTS_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _run(self, *command):
        result = subprocess.run(command, env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if result.returncode:
            raise RuntimeError(f"{command[0]} fails: {result.stderr}")

    def _admin(self, query):
        self._run("kadmin.local", "-r", REALM, "-q", query)


def hdfs_properties(directory):
    keytab = pathlib.Path(directory) / "server.keytab"
    properties = {"hadoop.security.authentication": "kerberos", "dfs.block.access.token.enable": "true",
                  # Data nodes on ports of everybody and without TLS.
                  "ignore.secure.ports.for.testing": "true", "dfs.http.policy": "HTTP_ONLY",
                  "dfs.data.transfer.protection": "authentication",
                  "hadoop.http.authentication.type": "kerberos"}
    for web in ("hadoop.http", "dfs.web"):
        properties[f"{web}.authentication.kerberos.principal"] = WEB
        properties[f"{web}.authentication.kerberos.keytab"] = keytab
    for node in ("namenode", "datanode"):
        properties[f"dfs.{node}.kerberos.principal"] = SERVER
        properties[f"dfs.{node}.keytab.file"] = keytab
    return [f"{name}={value}" for name, value in properties.items()]


def main():
    end_with_parent()
    binary, port, directory, *properties = sys.argv[1:]
    directory = pathlib.Path(directory).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    Kdc(directory)
    environment = {**os.environ, "JDK_JAVA_OPTIONS": f"-Djava.security.krb5.conf={directory / 'krb5.conf'}"}
    command = [binary, port, str(directory / "hdfs"), *hdfs_properties(directory), *properties]
    return subprocess.Popen(command, env=environment, preexec_fn=end_with_parent).wait()


if __name__ == "__main__":
    sys.exit(main())
