// SPDX-License-Identifier: BSD-2-Clause
/* System calls, every one of them; what fast paths do not admit comes here. */
#pragma once

#include "kernel/model/kernel.h"

/* `slot` is where the address in a0 leads by the usual search (kernel/cspace/find.h), or NULL. */
struct arch_context *slow_syscall(struct tcb *caller, struct cslot *slot);

/* The same for a Call on something that is no endpoint: nearly always a method of a kernel object. */
struct arch_context *object_call(struct tcb *caller, struct cslot *slot);
