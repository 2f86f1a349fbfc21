// SPDX-License-Identifier: BSD-2-Clause
/* Configuration of the user library. */
#pragma once

#define CONFIG_LIB_SEL4_INLINE_INVOCATIONS 1
#define CONFIG_LIB_SEL4_USE_THREAD_LOCALS  1
