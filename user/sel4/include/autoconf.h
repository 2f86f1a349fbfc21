// SPDX-License-Identifier: BSD-2-Clause
/* The configuration that libsel4 was built with, under its oldest name. */
#pragma once

#include <kernel/gen_config.h>
#include <sel4/gen_config.h>
