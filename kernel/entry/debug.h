// SPDX-License-Identifier: BSD-2-Clause
/* The system calls that only debug kernels have. */
#pragma once

#include "kernel/model/kernel.h"

/* True: it was one of them and is done. */
bool debug_syscall(struct tcb *caller);
