// SPDX-License-Identifier: BSD-2-Clause
// Path lengths, counted from outside (PLATFORM-FACTS 6.2): instructions of a hart's own, whatever the other
// harts do meanwhile. Simulated, and firmware apart.
#pragma once

#include "tools/emit_package.h"
#include "tools/run.h"

// Boots the system once more, traced, for a bounded number of jobs, and prints two tables: each kernel's
// longest stretch with interrupts off, and each task's own instructions per job. The same system gives the
// same tables. `folder` holds package.bin and machine.dtb. False: said why on stderr.
bool paths_print(struct load *load, const struct package_output *package, const char *folder,
                 const struct run_options *options);
