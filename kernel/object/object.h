// SPDX-License-Identifier: BSD-2-Clause
/*
 * Life and death of objects: making them from untyped memory, and deleting capabilities until the
 * last one takes the object with it.
 */
#pragma once

#include "kernel/model/kernel.h"

/*
 * Result of work done in steps. STEP_AGAIN: an interrupt waits; let it in and restart the system
 * call.
 */
enum step { STEP_DONE, STEP_AGAIN };

/*
 * Work units between two looks at pending interrupts. Units are some hundred instructions at most
 * (the end of a thread with all its relations), so 10,000 are far off; the lab's rows irq.from-…
 * say what was seen.
 */
#define PREEMPTION_UNITS 16

/*
 * Bound of loops whose length users decide, and which therefore have a preemption point in every
 * turn: more turns than memory can ask for. The distance between two looks at interrupts is
 * PREEMPTION_UNITS turns.
 */
#define PREEMPTIBLE (1ull << 40)

/* Does an interrupt wait? Starts the count of units anew. */
bool preemption_look(void);

/* One unit of long work is done; true if the caller must stop here because an interrupt waits. */
ALWAYS_INLINE bool preemption_point(void) {
    kernel.work_units++;
    return UNLIKELY(kernel.work_units >= PREEMPTION_UNITS) && preemption_look();
}

/* What Retype needs to know of an object type. */
struct object_shape {
    u8 kind; /* of its capabilities */
    u8 bits; /* log2 of its bytes; size_bits is added if the type is sized */
    bool is_sized;
    u8 least;        /* smallest size_bits of a sized type */
    u8 device_field; /* set for device memory; 0: the type is not made of it */
    s8 fields;       /* of the first capability, to which size_bits times ... */
    u8 size_factor;  /* ... this is added */
};

extern const struct object_shape object_shapes[OBJECT_COUNT];

/* Bytes (log2) of an object. */
ALWAYS_INLINE u64 object_size_bits(enum sel4_object_type type, u64 size_bits) {
    const struct object_shape *shape = &object_shapes[type];

    return shape->bits + (shape->is_sized ? size_bits : 0);
}

/* The first capability of an object in cleared memory. */
struct cap object_cap(enum sel4_object_type type, paddr_t base, unsigned size_bits, bool device);

/* Make cleared memory the object that the capability says; needed before anything else uses it. */
void object_init(struct cap cap);

/*
 * Empty a slot; if its cap was the last to the object, the object goes too. Empty slots are fine.
 * STEP_AGAIN: call again later; by then the slot itself may be gone (it lay in what is deleted), so
 * look it up anew.
 */
MUST_USE enum step slot_delete(struct cslot *slot);

/* Delete all descendants of the slot's cap. STEP_AGAIN as above. */
MUST_USE enum step slot_revoke(struct cslot *slot);
