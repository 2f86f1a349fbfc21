#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Check the doorbell protocol's model with spin, and that the check can fail: each fault that the model knows must
# be found. Usage: run_spin.sh MODEL [--full]. Output is TAP; exit status 0 if
# all is as expected. About three quarters of a minute of one processor; --full adds searches that take minutes and gigabytes.

model=$(realpath "$1")
full=$2
if ! command -v spin >/dev/null; then
    echo "1..0 # SKIP spin is not installed"
    exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

count=0
failed=0

# check NAME WANTED DEFINES…: build and run one search; WANTED is "pass" or "error".
check() {
    name=$1
    wanted=$2
    shift 2
    count=$((count + 1))
    rm -f pan*
    found=broken
    if spin -a "$@" "$model" >spin.out 2>&1 &&
        ${CC:-cc} "$optimise" -w -DSAFETY -DCOLLAPSE -DMEMLIM="$memory_mib" -o pan pan.c 2>cc.out; then
        ./pan -m100000 >pan.out 2>&1
        # A search that was cut short proves nothing.
        if grep -q 'errors: 0$' pan.out && ! grep -qi 'out of memory\|too small\|Search not completed' pan.out; then
            found=pass
        elif grep -q 'errors: [1-9]' pan.out; then
            found=error
        fi
    else
        sed 's/^/# /' spin.out
    fi
    states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.out 2>/dev/null)
    if [ "$found" = "$wanted" ]; then
        echo "ok $count - $name ($states states)"
    else
        echo "not ok $count - $name: $found instead of $wanted ($states states)"
        failed=1
    fi
}

memory_mib=900
optimise=-O2
quiet="-DSENDER_RESTARTS=0 -DRECEIVER_RESTARTS=0"

check "three senders in one way" pass \
    -DSENDERS=3 -DSENDS=1 -DSHARED=1 -DRINGS=1 -DWORDS=2 -DLINES=1 $quiet
check "three kernels ring one bit" pass \
    -DSENDERS=3 -DSENDS=1 -DSHARED=0 -DRINGS=1 -DWORDS=1 -DLINES=1 $quiet
check "three kernels ring a bit each" pass \
    -DSENDERS=3 -DSENDS=1 -DSHARED=0 -DRINGS=0 -DWORDS=1 -DLINES=1 $quiet
check "one kernel, four lines in two words, three sends" pass \
    -DSENDERS=1 -DSENDS=3 -DSHARED=1 -DRINGS=1 -DWORDS=2 -DLINES=2 $quiet
check "a sender restarts, three kernels" pass -DSENDER_RESTARTS=1 -DRECEIVER_RESTARTS=0 \
    -DSENDERS=3 -DSENDS=1 -DSHARED=0 -DRINGS=1 -DWORDS=1 -DLINES=1
check "the receiver restarts, three kernels" pass -DSENDER_RESTARTS=0 -DRECEIVER_RESTARTS=1 \
    -DSENDERS=3 -DSENDS=1 -DSHARED=0 -DRINGS=1 -DWORDS=1 -DLINES=1
check "both sides restart, four lines in two words" pass -DSENDER_RESTARTS=1 -DRECEIVER_RESTARTS=1 \
    -DSENDERS=1 -DSENDS=2 -DSHARED=1 -DRINGS=1 -DWORDS=2 -DLINES=2
check "the receiver parks and is woken, three kernels" pass -DPARKS=1 -DSENDER_RESTARTS=0 -DRECEIVER_RESTARTS=2 \
    -DSENDERS=3 -DSENDS=1 -DSHARED=0 -DRINGS=1 -DWORDS=1 -DLINES=1
check "the receiver parks while a sender restarts, two sends" pass -DPARKS=1 -DSENDER_RESTARTS=1 \
    -DRECEIVER_RESTARTS=2 -DSENDERS=1 -DSENDS=2 -DSHARED=1 -DRINGS=1 -DWORDS=2 -DLINES=1

if [ "$full" = --full ]; then
    memory_mib=12000
    check "three kernels, two sends each" pass \
        -DSENDERS=3 -DSENDS=2 -DSHARED=0 -DRINGS=1 -DWORDS=1 -DLINES=1 $quiet
    check "both sides restart, two kernels, two sends each" pass -DSENDER_RESTARTS=1 \
        -DRECEIVER_RESTARTS=1 -DSENDERS=2 -DSENDS=2 -DSHARED=0 -DRINGS=1 -DWORDS=1 -DLINES=1
    memory_mib=900
fi

optimise=-O0 # small searches: compiling would take longer
small="-DSENDERS=1 -DSENDS=2 -DSHARED=1 -DRINGS=1 -DWORDS=2 -DLINES=1"
for fault in DROP_S1 DROP_S2 DROP_S3 DROP_R0 DROP_R1 DROP_R2 DUPLICATE; do
    check "the model finds $fault" error $small $quiet -D$fault
done
for fault in DROP_SENDER_REPAIR DROP_RECEIVER_REPAIR; do
    check "the model finds $fault" error $small -DSENDER_RESTARTS=1 -DRECEIVER_RESTARTS=1 -D$fault
done
check "the model finds DROP_PARK_LOOK" error $small -DPARKS=1 -DSENDER_RESTARTS=0 -DRECEIVER_RESTARTS=1 \
    -DDROP_PARK_LOOK

echo "1..$count"
exit $failed
