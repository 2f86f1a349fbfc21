// SPDX-License-Identifier: BSD-2-Clause
// Where everything lies in physical memory.
//
// Owners of RAM: the firmware, the firmware's device tree, the package, each partition, each pair region.
// Every owner but the firmware gets a naturally aligned power of two, so that one PMP entry walls it.
// Owners with an address of their own come first, then the others from large to small, each at the
// lowest free place; the same file always gets the same addresses.
//
// Inside a partition, from the top: the bootloader's stack, log pages (platform core only), regions whose
// physical address a program asks for. Inside a pair region: the kernels' page, log pages of the second
// core (if the first is the platform core), shared regions in the order of the file.
#pragma once

#include "tools/model.h"

#define FIRMWARE_BYTES      (2ull << 20)  // OpenSBI, its heap included, at the start of RAM
#define FIRMWARE_TREE_BYTES (2ull << 20)  // QEMU 10 puts the device tree into the last 2 MiB of RAM
#define PACKAGE_BASE        0x80400000ull // the lowest place for the package (PLATFORM-FACTS 1.1)
#define PACKAGE_LEAST       (1ull << 20)
#define BOOT_STACK_BYTES    0x2000ull // at the very end of a partition, unused once the kernel runs
#define LOG_PAGE_KERNEL     0
#define LOG_PAGE_INIT       1
#define LOG_PAGE_DOMAIN(i)  (2 + 2 * (i)) // console ring; the next one is its statistics page

// `package_bytes`: what the package will contain; 0 if images are not known yet.
void place_all(struct arena *arena, struct diagnostics *diags, struct system *system,
               u64 package_bytes);

// The core all others send their console lines to, and which programs the interrupt controller.
struct core *platform_core(struct system *system);
