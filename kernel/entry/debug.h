// SPDX-License-Identifier: BSD-2-Clause
/* The system calls that only debug and bench variants have. */
#pragma once

#include "kernel/model/kernel.h"

/* True: it was one of them and is done. False: this variant does not know the number. */
bool debug_syscall(struct tcb *caller);
