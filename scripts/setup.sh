# Set-up steps of ./dev: Debian packages by apt, the DuckDB kernel by npm (library) and pip (headers, generator
# sources). Everything fetched is pinned and checksummed, and cached in the deps folder.

DUCKDB_VERSION=1.5.5
DUCKDB_NPM_REVISION=r.5
DUCKDB_SDIST_SHA256=72f33ee57ca7595b23957671a2cc7f7fe2be0ecc2d68f63abedcfcaa3a5c1238

BUILD_PACKAGES=(g++ cmake ninja-build libboost1.81-dev libssl-dev nlohmann-json3-dev rapidjson-dev
  libspdlog-dev libfmt-dev libcli11-dev libxxhash-dev liblz4-dev libzstd-dev zlib1g-dev libcurl4-openssl-dev libexpat1-dev libgtest-dev libgmock-dev
  librapidcheck-dev libbenchmark-dev clang-format ca-certificates python3 python3-pip python3-venv)

say() { printf '\033[1m[planaria]\033[0m %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_debian_packages() {
  local missing=()
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  say "installing Debian packages: ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
  fi
  rm -f "$log"
}

check_sha256() {
  echo "$2  $1" | sha256sum --check --quiet - || {
    echo "checksum mismatch: $1" >&2
    rm -f "$1"
    exit 1
  }
}

# The kernel library with every C++ symbol exported; npm is only used as the package client.
fetch_duckdb_library() {
  local arch sum
  case "$(uname -m)" in
    x86_64) arch=x64 sum=86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e ;;
    aarch64) arch=arm64 sum=3b85f3ea438f7dc3691d7b5e6e4222ffe9127fd17885f96ca72e0c99925c348e ;;
    *) echo "no DuckDB library for $(uname -m)" >&2; exit 1 ;;
  esac
  [ -f "$DEPS_DIR/duckdb/lib/libduckdb.so" ] && return
  command -v npm >/dev/null || install_debian_packages npm
  local package="duckdb-node-bindings-linux-$arch-$DUCKDB_VERSION-$DUCKDB_NPM_REVISION.tgz"
  say "fetching the DuckDB $DUCKDB_VERSION library"
  (cd "$DEPS_DIR" && npm pack --silent "@duckdb/node-bindings-linux-$arch@$DUCKDB_VERSION-$DUCKDB_NPM_REVISION" >/dev/null)
  check_sha256 "$DEPS_DIR/$package" "$sum"
  mkdir -p "$DEPS_DIR/duckdb/lib"
  tar xzf "$DEPS_DIR/$package" -C "$DEPS_DIR/duckdb/lib" --strip-components=1 package/libduckdb.so package/LICENSE
  rm "$DEPS_DIR/$package"
}

fetch_duckdb_sources() {
  [ -f "$DEPS_DIR/duckdb/source/.complete" ] && return
  local package="duckdb-$DUCKDB_VERSION.tar.gz"
  say "fetching the DuckDB $DUCKDB_VERSION headers and generator sources"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary duckdb -d "$DEPS_DIR" \
    "duckdb==$DUCKDB_VERSION" >/dev/null
  check_sha256 "$DEPS_DIR/$package" "$DUCKDB_SDIST_SHA256"
  mkdir -p "$DEPS_DIR/duckdb/source"
  local root="duckdb-$DUCKDB_VERSION/external/duckdb"
  tar xzf "$DEPS_DIR/$package" -C "$DEPS_DIR/duckdb/source" --strip-components=3 "$root/src/include" \
    "$root/third_party" "$root/extension" "$root/LICENSE"
  touch "$DEPS_DIR/duckdb/source/.complete"
  rm "$DEPS_DIR/$package"
}

setup() {
  install_debian_packages "${BUILD_PACKAGES[@]}"
  mkdir -p "$DEPS_DIR"
  fetch_duckdb_library
  fetch_duckdb_sources
}

# Peers and oracles of the tests: single-process DuckDB and the Trino clients, in a virtual environment.
setup_tests() {
  local venv="$DEPS_DIR/venv"
  if ! cmp -s tests/requirements.txt "$venv/requirements.txt"; then
    say "installing test peers (Python)"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
    cp tests/requirements.txt "$venv/requirements.txt"
  fi
}

# A second S3, versitygw, by Go; Debian's own is too old to build it.
setup_gateway() {
  local servers=$1
  [ -x "$servers/bin/versitygw" ] && return
  if ! go version 2>/dev/null | grep -qE 'go1\.(2[5-9]|[3-9][0-9])'; then
    say "no versitygw: it needs Go 1.25 or later in PATH"
    return
  fi
  say "building versitygw"
  GOBIN="$servers/bin" go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
}

# Slow to get: a second S3, and a small HDFS from Maven: a hundred megabytes, and it needs Java; a KDC to put it behind.
setup_slow_test_servers() {
  local servers
  servers=$(realpath "$DEPS_DIR")/test-servers
  setup_gateway "$servers"
  install_debian_packages krb5-kdc krb5-admin-server curl
  if [ ! -x "$servers/bin/mini-hdfs" ]; then
    command -v mvn >/dev/null || install_debian_packages maven
    say "fetching HDFS"
    mkdir -p "$servers/bin"
    mvn -q -B -f tests/storage/hadoop.pom.xml dependency:copy-dependencies -DoutputDirectory="$servers/hadoop"
    local sums
    sums=$(realpath tests/storage/hadoop.sha256)
    (cd "$servers/hadoop" && sha256sum --check --quiet "$sums")
    cat >"$servers/bin/mini-hdfs" <<EOF
#!/bin/sh
exec java -cp "$servers/hadoop/*" "$PWD/tests/storage/MiniHdfs.java" "\$@"
EOF
    chmod +x "$servers/bin/mini-hdfs"
  fi
}

# Object store servers of the storage tests, in a folder of their own: moto and s3rver (S3), Azurite (Azure),
# gcp-storage-emulator (Google).
setup_test_servers() {
  local servers="$DEPS_DIR/test-servers"
  mkdir -p "$servers"
  if ! cmp -s tests/storage/requirements.txt "$servers/requirements.txt"; then
    say "installing test servers (Python)"
    rm -rf "$servers/venv"
    python3 -m venv "$servers/venv"
    "$servers/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r tests/storage/requirements.txt
    cp tests/storage/requirements.txt "$servers/requirements.txt"
  fi
  if ! cmp -s tests/storage/package-lock.json "$servers/installed.json"; then
    command -v npm >/dev/null || install_debian_packages npm
    say "installing test servers (npm)"
    cp tests/storage/package.json tests/storage/package-lock.json "$servers/"
    (cd "$servers" && npm ci --silent --ignore-scripts --no-audit --no-fund)
    cp tests/storage/package-lock.json "$servers/installed.json"
  fi
}
