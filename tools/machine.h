// SPDX-License-Identifier: BSD-2-Clause
// Facts of the machine, read from its device tree (Devicetree Specification 0.4).
//
// The tree comes from QEMU (tools/qemu.h) or from a file; nothing about the machine is known otherwise.
// Devices are found by path; registers and interrupts come from the node.
#pragma once

#include "tools/model.h"

// Fills system->machine from a flattened tree. Reports SK023 (not a tree) or SK022 (something needed is
// not there) at the system file's machine attribute; false then.
bool machine_read(struct arena *arena, struct diagnostics *diags, struct system *system,
                  const void *tree, size_t bytes);

enum device_result {
    DEVICE_FOUND,
    DEVICE_NO_NODE,      // the tree has no such path
    DEVICE_NO_REGISTERS, // the node has no register range of this index
};

// Fills in registers, pages and interrupts of a device.
enum device_result machine_find_device(const struct machine *machine, struct device *device);

// Whether the node of a device that was found names `model` among what it is compatible with.
bool machine_compatible(const struct machine *machine, const struct device *device,
                        const char *model);

// What of the machine level's registers lies in these pages, or NULL.
const char *machine_firmware_owns(const struct machine *machine, struct range pages);

// Finds the device whose pages hold the address, memory aside, and fills in everything but its owner;
// false: there is none.
bool machine_device_at(struct arena *arena, const struct machine *machine, u64 address,
                       struct device *device);

// Position of a hart in machine->harts; the hart must be there.
unsigned machine_hart(const struct machine *machine, u64 hart);

// Offers the paths of the tree's nodes as corrections of a path that was not found.
struct suggestion;
void machine_offer_paths(struct arena *arena, const struct machine *machine,
                         struct suggestion *suggestion);

// Whether the machine's interrupt controller has a source of this number.
bool machine_irq_known(const struct machine *machine, u32 source);
