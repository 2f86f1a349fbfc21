// SPDX-License-Identifier: BSD-2-Clause
/* The configuration that libsel4 was built with. */
#pragma once

#include <autoconf.h>
