// SPDX-License-Identifier: BSD-2-Clause
/* Access to the IPC buffer. */
#pragma once

#include <sel4/functions.h>
