// SPDX-License-Identifier: BSD-2-Clause
/* Capability rights. */
#pragma once

#include <sel4/shared_types.h>
