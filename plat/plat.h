// SPDX-License-Identifier: BSD-2-Clause
/*
 * The board, as the kernel core sees it: its interrupt controller. Implementations: plat/virt_plic.c (PLIC),
 * plat/virt_aplic.c (APLIC sending MSIs to each hart's IMSIC); a kernel is linked with one.
 */
#pragma once

#include "abi/boot_record.h"
#include "lib/types.h"

#include "plat/irq.h"

/*
 * Learn from the boot record which sources are this kernel's and set them up, masked; with BOOT_OWNS_PLATFORM also
 * program what the harts share. Enables the external interrupt. NULL, or one sentence saying what the machine
 * lacks. Boot only, after arch_doorbell_init().
 */
MUST_USE const char *plat_init(const struct boot_record *record);
