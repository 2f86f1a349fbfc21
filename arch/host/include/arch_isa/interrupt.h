// SPDX-License-Identifier: BSD-2-Clause
/* Host: interrupts are what a test says is pending. See arch/interrupt.h. */
#pragma once

#include "lib/types.h"

bool arch_interrupt_pending(void);
enum arch_interrupt arch_interrupt_next(void);
