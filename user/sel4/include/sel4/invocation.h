// SPDX-License-Identifier: BSD-2-Clause
/* Labels of methods. */
#pragma once

#include <sel4/gen/invocation.h>
