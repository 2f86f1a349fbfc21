// SPDX-License-Identifier: BSD-2-Clause
/* The benchmark system calls of the bench variant: null call, log buffer, utilisation per thread. */
#pragma once

#include "kernel/model/kernel.h"

/* True: it was one of them and is done. */
bool bench_syscall(struct tcb *caller);
