"""Uploads to one S3 server, in turns: writers of spool objects, sealed as they are by default, and rclone with as many files of the same size.

    spool_throughput.py [--writers 4] [--megabytes 256] [--rounds 5] [--store s3_gateway|s3]

Needs rclone (apt-get install rclone) and the program: ninja -C build spool_throughput. Both send parts of 5 MB. Prints
the MB a second of every turn and the ratio of the medians."""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("storage", "harness")]

from servers import BUCKET, STORES  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("PLANARIA_BUILD_DIR", ROOT / "build")) / "spool_throughput"


def spool(server, options):
    properties = server.properties()
    out = subprocess.run(
        [PROGRAM, server.base_directory("spool"), server.endpoint, properties["exchange.s3.aws-access-key"],
         properties["exchange.s3.aws-secret-key"], str(options.writers), str(options.megabytes)],
        check=True, capture_output=True, text=True).stdout
    return float(re.search(r"([\d.]+) MB/s", out).group(1))


def rclone(server, options, files):
    properties = server.properties()
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**surroundings, "RCLONE_CONFIG_X_TYPE": "s3", "RCLONE_CONFIG_X_PROVIDER": "Other",
                   "RCLONE_CONFIG_X_ACCESS_KEY_ID": properties["exchange.s3.aws-access-key"],
                   "RCLONE_CONFIG_X_SECRET_ACCESS_KEY": properties["exchange.s3.aws-secret-key"],
                   "RCLONE_CONFIG_X_REGION": "us-east-1", "RCLONE_CONFIG_X_ENDPOINT": server.endpoint,
                   "RCLONE_CONFIG_X_NO_CHECK_BUCKET": "true", "RCLONE_CONFIG": "/dev/null"}
    started = time.monotonic()
    subprocess.run(["rclone", "copy", "--transfers", str(options.writers), "--s3-chunk-size", "5M", "--s3-disable-checksum",
                    "--ignore-checksum", "--no-traverse", str(files), f"x:{BUCKET}/plain"], check=True, env=environment)
    seconds = time.monotonic() - started
    subprocess.run(["rclone", "purge", f"x:{BUCKET}/plain"], check=True, env=environment)
    return options.writers * options.megabytes * (1 << 20) / seconds / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--store", choices=("s3_gateway", "s3"), default="s3_gateway")
    options = parser.parse_args()
    if not shutil.which("rclone"):
        sys.exit("rclone is not there: apt-get install rclone")
    with tempfile.TemporaryDirectory(prefix="planaria-bench-") as folder:
        files = pathlib.Path(folder) / "files"
        files.mkdir()
        for i in range(options.writers):
            with open(files / str(i), "wb") as file:
                for _ in range(options.megabytes):
                    file.write(os.urandom(1 << 20))
        with STORES[options.store](folder) as server:
            ours, theirs = [], []
            for _ in range(options.rounds):
                ours.append(spool(server, options))
                theirs.append(rclone(server, options, files))
                print(f"spool {ours[-1]:7.1f} MB/s   rclone {theirs[-1]:7.1f} MB/s", flush=True)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"medians: {statistics.median(ours):.1f} and {statistics.median(theirs):.1f} MB/s: {ratio:.2f} times")


if __name__ == "__main__":
    main()
