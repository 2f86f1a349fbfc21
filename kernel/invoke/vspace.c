// SPDX-License-Identifier: BSD-2-Clause
/*
 * Methods of frames, page tables and ASIDs (seL4 manual, "Address Spaces and Virtual Memory";
 * checks and their order: SEL4-ABI section 8). The invoked capability remembers its own mapping, so
 * act writes the tables and the slot.
 */
#include "kernel/object/vspace.h"

#include "abi/gen/methods.h"
#include "kernel/cspace/derive.h"

/* ---- Common ---------------------------------------------------------------------------------- */

static enum sel4_error refuse_invalid_root(struct invocation *inv) {
    return refuse_lookup(inv, false, (struct lookup_failure){.kind = SEL4_LOOKUP_INVALID_ROOT});
}

/* Where to map: the first extra capability is the root of an address space. */
static enum sel4_error decode_root(struct invocation *inv, struct page_table **root, u16 *asid) {
    struct cap cap = inv->extra[0]->cap;

    if (!cap_is(cap, CAP_PAGE_TABLE) || !page_table_cap_is_mapped(cap)) {
        return refuse_capability(inv, 1);
    }
    *asid = cap_mapped_asid(cap);
    *root = asid_root(*asid);
    if (*root == NULL) {
        return refuse_invalid_root(inv); /* its ASID pool is gone */
    }
    return *root == arch_ptr(cap_address(cap)) ? SEL4_NO_ERROR : refuse_capability(inv, 1);
}

/* ---- Frames ---------------------------------------------------------------------------------- */

/* A mapped frame may be mapped again only where it is: then rights and attributes change. */
static enum sel4_error decode_remap(struct invocation *inv, u64 vaddr, u16 asid) {
    u16 mapped = cap_mapped_asid(inv->cap);

    if (mapped != 0 && mapped != asid) {
        return refuse_capability(inv, 1);
    }
    if (mapped != 0 && cap_mapped_vaddr(inv->cap) != vaddr) {
        return refuse_argument(inv, 0);
    }
    return SEL4_NO_ERROR;
}

/* The entry to write; the frame's own entry may be overwritten. */
static enum sel4_error decode_page_slot(struct invocation *inv, struct page_table *root, u64 vaddr,
                                        pte_t **slot) {
    struct pte_walk walk = arch_pt_walk(root, vaddr);
    bool own = cap_mapped_asid(inv->cap) != 0 && arch_pte_is_frame(*walk.slot) &&
               arch_pte_frame(*walk.slot).value == cap_address(inv->cap).value;

    if (walk.level_bits > frame_cap_bits(inv->cap) && !arch_pte_is_valid(*walk.slot)) {
        return refuse_lookup(inv, false,
                             (struct lookup_failure){.kind = SEL4_LOOKUP_MISSING_CAPABILITY,
                                                     .bits_left = (u8)walk.level_bits});
    }
    if (walk.level_bits != frame_cap_bits(inv->cap) || (arch_pte_is_valid(*walk.slot) && !own)) {
        return SEL4_DELETE_FIRST;
    }
    *slot = walk.slot;
    return SEL4_NO_ERROR;
}

/* What the capability allows and the caller asked for. Without Read: for the kernel alone. */
static pte_t page_entry(struct cap cap, u64 rights, u64 attr) {
    enum frame_rights allowed = frame_cap_rights(cap);
    bool read = allowed != FRAME_KERNEL_ONLY && (rights & RIGHT_READ) != 0;
    bool write = read && allowed == FRAME_READ_WRITE && (rights & RIGHT_WRITE) != 0;
    bool executable = read && (attr & SEL4_PAGE_ATTR_EXECUTE_NEVER) == 0;

    return arch_pte_make_frame(cap_address(cap), read, write, executable, read);
}

enum sel4_error decode_page_map(struct invocation *inv, const struct page_map_args *args,
                                struct page_map_op *op) {
    struct page_table *root = NULL;
    u16 asid = 0;
    enum sel4_error error = decode_root(inv, &root, &asid);
    unsigned bits = frame_cap_bits(inv->cap);

    if (error != SEL4_NO_ERROR) {
        return error;
    }
    if (args->vaddr >= ARCH_USER_LIMIT || args->vaddr + MASK(bits) >= ARCH_USER_LIMIT) {
        return refuse_argument(inv, 0);
    }
    if (!is_aligned(args->vaddr, bits)) {
        return SEL4_ALIGNMENT_ERROR;
    }
    error = decode_remap(inv, args->vaddr, asid);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    op->entry = page_entry(inv->cap, args->rights, args->attr);
    op->cap = (struct cap){mapping_word(args->vaddr, asid), inv->cap.word1};
    return decode_page_slot(inv, root, args->vaddr, &op->slot);
}

enum act_result act_page_map(struct invocation *inv, const struct page_map_op *op) {
    *op->slot = op->entry;
    inv->slot->cap = op->cap;
    arch_tlb_flush_page(cap_mapped_asid(op->cap), cap_mapped_vaddr(op->cap));
    return ACT_DONE;
}

enum sel4_error decode_page_unmap(struct invocation *inv, struct page_unmap_op *op) {
    op->cap = inv->cap;
    return SEL4_NO_ERROR;
}

enum act_result act_page_unmap(struct invocation *inv, const struct page_unmap_op *op) {
    page_unmap_cap(op->cap);
    inv->slot->cap = cap_unmapped(op->cap);
    return ACT_DONE;
}

enum sel4_error decode_page_get_address(struct invocation *inv, struct page_get_address_op *op) {
    op->address = cap_address(inv->cap);
    return SEL4_NO_ERROR;
}

enum act_result act_page_get_address(struct invocation *inv, const struct page_get_address_op *op) {
    invocation_answer(inv, op->address.value);
    return ACT_DONE;
}

/* ---- Page tables ----------------------------------------------------------------------------- */

enum sel4_error decode_page_table_map(struct invocation *inv,
                                      const struct page_table_map_args *args,
                                      struct page_table_map_op *op) {
    struct page_table *root = NULL;
    u16 asid = 0;

    if (page_table_cap_is_mapped(inv->cap)) {
        return refuse_capability(inv, 0);
    }
    if (args->vaddr >= ARCH_USER_LIMIT) {
        return refuse_argument(inv, 0);
    }
    enum sel4_error error = decode_root(inv, &root, &asid);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    struct pte_walk walk = arch_pt_walk(root, args->vaddr);
    if (walk.level_bits == PAGE_BITS || arch_pte_is_valid(*walk.slot)) {
        return SEL4_DELETE_FIRST;
    }
    op->slot = walk.slot;
    op->cap = page_table_cap_make(cap_address(inv->cap), true,
                                  align_down(args->vaddr, walk.level_bits), asid);
    return SEL4_NO_ERROR;
}

enum act_result act_page_table_map(struct invocation *inv, const struct page_table_map_op *op) {
    *op->slot = arch_pte_make_table(cap_address(op->cap));
    inv->slot->cap = op->cap;
    /* By address would do for leaf entries only (privileged specification, sfence.vma). */
    arch_tlb_flush_asid(cap_mapped_asid(op->cap));
    return ACT_DONE;
}

enum sel4_error decode_page_table_unmap(struct invocation *inv, struct page_table_unmap_op *op) {
    if (!derive_is_final(inv->slot) || vspace_cap_root(inv->cap) != NULL) {
        return SEL4_REVOKE_FIRST;
    }
    op->cap = inv->cap;
    return SEL4_NO_ERROR;
}

/* The table is cleared: what it mapped must not appear wherever it is mapped next (INV-VS-2). */
enum act_result act_page_table_unmap(struct invocation *inv, const struct page_table_unmap_op *op) {
    if (page_table_cap_is_mapped(op->cap)) {
        page_table_unmap_cap(op->cap);
        arch_clear(arch_ptr(cap_address(op->cap)), PAGE_SIZE);
        inv->slot->cap = cap_unmapped(op->cap);
    }
    return ACT_DONE;
}

/* ---- ASIDs ----------------------------------------------------------------------------------- */

/* 4 KiB of ordinary memory that nothing has been made from. */
static enum sel4_error decode_pool_memory(struct invocation *inv, struct cslot *untyped) {
    if (!cap_is(untyped->cap, CAP_UNTYPED) ||
        untyped_cap_size_bits(untyped->cap) != SEL4_ASID_POOL_BITS ||
        untyped_cap_is_device(untyped->cap)) {
        return refuse_capability(inv, 1);
    }
    return derive_has_children(untyped) ? SEL4_REVOKE_FIRST : SEL4_NO_ERROR;
}

enum sel4_error decode_asid_control_make_pool(struct invocation *inv,
                                              const struct asid_control_make_pool_args *args,
                                              struct asid_control_make_pool_op *op) {
    op->untyped = inv->extra[0];
    op->pool = asid_free_pool();
    if (op->pool == ASID_POOLS) {
        return SEL4_DELETE_FIRST;
    }
    enum sel4_error error = decode_pool_memory(inv, op->untyped);
    if (error != SEL4_NO_ERROR) {
        return error;
    }
    return decode_empty_slot(inv, inv->extra[1]->cap, args->index, args->depth, &op->dest);
}

enum act_result act_asid_control_make_pool(UNUSED struct invocation *inv,
                                           const struct asid_control_make_pool_op *op) {
    paddr_t base = cap_address(op->untyped->cap);
    struct asid_pool *pool = arch_ptr(base);

    /* The untyped is used up: nothing else can be made from it while the pool exists. */
    op->untyped->cap = untyped_cap_make(base, SEL4_ASID_POOL_BITS, false, BIT(SEL4_ASID_POOL_BITS));
    arch_clear(pool, sizeof(*pool));
    derive_insert_child(op->untyped, op->dest, asid_pool_add(op->pool, pool));
    return ACT_DONE;
}

enum sel4_error decode_asid_pool_assign(struct invocation *inv, struct asid_pool_assign_op *op) {
    struct asid_pool *pool = asid_pool_cap_pool(inv->cap);
    u16 first = asid_pool_cap_first(inv->cap);

    op->root = inv->extra[0];
    if (!cap_is(op->root->cap, CAP_PAGE_TABLE) || page_table_cap_is_mapped(op->root->cap)) {
        return refuse_capability(inv, 1);
    }
    op->asid = asid_free_in_pool(pool, first);
    return op->asid != 0 ? SEL4_NO_ERROR : SEL4_DELETE_FIRST;
}

enum act_result act_asid_pool_assign(struct invocation *inv, const struct asid_pool_assign_op *op) {
    op->root->cap = asid_assign(asid_pool_cap_pool(inv->cap), op->asid, op->root->cap);
    return ACT_DONE;
}
