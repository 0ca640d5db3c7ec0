#!/usr/bin/env bash
# run.sh SECONDS: builds parse_fuzz with libFuzzer, ASan and UBSan, and runs it over the statements of tests/sql/grammar and what
# former runs have found (build/fuzz/corpus).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
source scripts/setup.sh
CLANG=clang++-16
command -v $CLANG >/dev/null || install_debian_packages clang-16 libclang-rt-16-dev
out=build/fuzz
mkdir -p $out/objects $out/corpus

say "building parse_fuzz"
flags="-std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -Isrc -DFMT_SHARED"
git ls-files 'src/base/*.cc' 'src/sql/*.cc' 'fuzz/*.cc' | grep -v '_test\.cc$\|/analyzer/\|/functions/\|/lowering/\|/types/' |
  while read -r source; do echo "$source $out/objects/${source//\//_}.o"; done |
  xargs -P "$(nproc)" -L 1 sh -c "$CLANG $flags -c \$0 -o \$1"
$CLANG $flags $out/objects/*.o -lfmt -o $out/parse_fuzz

python3 fuzz/seeds.py $out/corpus tests/sql/grammar/*.txt fuzz/json_paths.txt
say "fuzzing for $1 s"
exec $out/parse_fuzz -max_total_time="$1" -max_len=2000 -timeout=20 -rss_limit_mb=2500 -artifact_prefix=$out/ $out/corpus
