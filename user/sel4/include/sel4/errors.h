// SPDX-License-Identifier: BSD-2-Clause
/* Answers of methods: seL4_Error. */
#pragma once

#include <sel4/gen/abi.h>
