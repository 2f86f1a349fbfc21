// SPDX-License-Identifier: BSD-2-Clause
/* Options of the bench variant. */
#pragma once

#define CONFIG_ENABLE_BENCHMARKS           1
#define CONFIG_BENCHMARK_TRACK_UTILISATION 1
