// SPDX-License-Identifier: BSD-2-Clause
/*
 * Constants of the release build: what flies: no check that costs an instruction, no call to the firmware's console.
 * meson.build puts exactly one folder of lib/variant/ on the include path, before the root.
 */
#pragma once

/* 1 where the build checks what we reason; used in plain `if`, so both branches always compile. */
#define BUILD_CHECKS 0
/* 1 where the benchmark system calls exist. */
#define BUILD_BENCH 0
/* The word a system file uses for this build. */
#define BUILD_VARIANT "release"
