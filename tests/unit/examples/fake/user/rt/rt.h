// SPDX-License-Identifier: BSD-2-Clause
/* On the host: see fake/microkit.h. */
#pragma once

#include <microkit.h>
