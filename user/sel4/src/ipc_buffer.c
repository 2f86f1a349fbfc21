// SPDX-License-Identifier: BSD-2-Clause
/* The variable behind seL4_GetIPCBuffer, for programs that do not define it themselves. */

#include <sel4/functions.h>

LIBSEL4_WEAK LIBSEL4_THREAD_LOCAL seL4_IPCBuffer *__sel4_ipc_buffer;
