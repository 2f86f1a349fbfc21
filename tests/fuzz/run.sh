#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run every libFuzzer program of a build folder (configured with -Dfuzz=true) for some time, one after another.
# Findings are left in the folder of the corpus, with the sanitizer's report on the terminal.
#
# usage: tests/fuzz/run.sh [--time SECONDS] [--build FOLDER] [--corpus FOLDER] [NAME…]

root=$(cd "$(dirname "$0")/../.." && pwd)
time=60
build=$root/build/asan
corpus=
while [ $# -gt 0 ]; do
    case $1 in
    --time) time=$2; shift 2 ;;
    --build) build=$2; shift 2 ;;
    --corpus) corpus=$2; shift 2 ;;
    *) break ;;
    esac
done
corpus=${corpus:-$build/corpus}
names=${*:-syscall boot-record package tools}
status=0
for name in $names; do
    ninja -C "$build" "$name-fuzz" >/dev/null 2>&1
    program=$(find "$build/tests/fuzz" -name "$name-fuzz" -type f 2>/dev/null | head -1)
    if [ -z "$program" ]; then
        echo "$name: no fuzzer in $build" >&2
        status=1
        continue
    fi
    mkdir -p "$corpus/$name"
    echo "$name: $time s, corpus $corpus/$name"
    "$program" -max_total_time="$time" -max_len=8192 -len_control=0 -print_final_stats=1 -timeout=20 \
        -artifact_prefix="$corpus/$name-" "$corpus/$name" 2>"$corpus/$name.log" || status=1
    grep -E 'SUMMARY|stat::(number_of_executed|average_exec)|cov:' "$corpus/$name.log" | tail -4
done
exit $status
