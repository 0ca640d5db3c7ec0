"""Clients from PyPI in an environment of their own, build/clients/venv: made once, found again."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV = ROOT / "build" / "clients" / "venv"
PACKAGES = ["trino[sqlalchemy]==0.340.0", "SQLAlchemy==2.1.9", "dbt-core==1.11.16", "dbt-trino==1.10.6", "pytest==9.2.0",
            "testcontainers==4.15.0", "boto3==1.44.8", "keyring==25.7.0", "httpretty==1.0.5"]
INSTALL = f"python3 -m venv {VENV.relative_to(ROOT)} && {VENV.relative_to(ROOT)}/bin/pip install " + " ".join(
    f"'{package}'" for package in PACKAGES)


def python(*modules, install=False):
    """(the environment's python, None), or (None, why there is none that has the modules). `install` makes it."""
    binary = VENV / "bin" / "python"
    if install and not binary.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([binary, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    if not binary.exists():
        return None, f"the clients are not installed: `{INSTALL}`"
    missing = [module for module in modules
               if subprocess.run([binary, "-c", f"import {module}"], capture_output=True).returncode != 0]
    return (None, f"{', '.join(missing)} not installed: `{INSTALL}`") if missing else (binary, None)
