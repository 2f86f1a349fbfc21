// SPDX-License-Identifier: BSD-2-Clause
/* Options of the debug variant. */
#pragma once

#define CONFIG_DEBUG_BUILD      1
#define CONFIG_PRINTING         1
#define CONFIG_USER_DEBUG_BUILD 1
