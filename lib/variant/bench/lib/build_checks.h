// SPDX-License-Identifier: BSD-2-Clause
/*
 * Constants of the bench build: the release kernel, under a name of its own so that a system file can choose to measure it.
 * meson.build puts exactly one folder of lib/variant/ on the include path, before the root.
 */
#pragma once

/* 1 where the build checks what we reason; used in plain `if`, so both branches always compile. */
#define BUILD_CHECKS 0
/* 1 where the benchmark system calls exist. */
#define BUILD_BENCH 1
/* The word a system file uses for this build. */
#define BUILD_VARIANT "bench"
