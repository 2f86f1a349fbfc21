// SPDX-License-Identifier: BSD-2-Clause
// Rules that need the program images.
#include <inttypes.h>
#include <string.h>

#include "tools/check.h"
#include "tools/emit_init.h"
#include "tools/image.h"
#include "tools/suggest.h"

// Variables of the runtime (user/microkit/layout.h) that say what the file says in other words.
static bool tool_sets(const char *symbol) {
    static const char *const OWN[] = {
        "microkit_name",  "microkit_passive",    "microkit_irqs",     "microkit_notifications",
        "microkit_pps",   "rt_doorbells",        "rt_core_name",      "rt_console_ring",
        "rt_stats_page",  "rt_stack_top",        "rt_period_us",      "rt_budget_us",
        "rt_deadline_us", "rt_timebase_hz",      "console_rings",     "console_ring_count",
        "console_stats",  "console_stats_count", "console_exit_mask", "__sel4_ipc_buffer_obj"};
    for (unsigned i = 0; i < ARRAY_LENGTH(OWN); i++) {
        if (!strcmp(OWN[i], symbol)) {
            return true;
        }
    }
    return false;
}

static void check_setvar(struct diagnostics *diags, const struct domain *domain,
                         const struct setvar *setvar) {
    u64 address, bytes;
    if (!image_symbol(domain->image, setvar->symbol, &address, &bytes)) {
        struct suggestion suggestion = suggest_begin(setvar->symbol);
        image_offer_symbols(domain->image, &suggestion);
        struct diag *diag =
            diag_error(diags, SK072, setvar->at, "image \"%s\" has no symbol \"%s\"",
                       domain->image_path, setvar->symbol);
        if (suggestion.nearest) {
            diag_help(diag, "did you mean \"%s\"?", suggestion.nearest);
        } else {
            diag_help(diag,
                      "a global variable that the compiler keeps: volatile, or used somewhere");
        }
        return;
    }
    if (tool_sets(setvar->symbol)) {
        struct diag *diag = diag_error(diags, SK075, setvar->at,
                                       "symbol \"%s\" is set by the tool itself", setvar->symbol);
        diag_help(diag, "it says to the program what the rest of the file says; remove this");
        return;
    }
    if (image_perms(domain->image, address) & PERM_EXECUTE) {
        struct diag *diag =
            diag_error(diags, SK073, setvar->at, "symbol \"%s\" of \"%s\" is code, not a variable",
                       setvar->symbol, domain->image_path);
        diag_help(diag, "a global variable of 1, 2, 4 or 8 bytes");
        return;
    }
    if ((bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) ||
        !image_at(domain->image, address, bytes)) {
        diag_error(diags, SK073, setvar->at,
                   "symbol \"%s\" of \"%s\" is %" PRIu64 " bytes long, not 1, 2, 4 or 8",
                   setvar->symbol, domain->image_path, bytes);
    } else if (setvar->kind != SETVAR_ADDRESS && bytes < 8 && setvar_value(setvar) >> (8 * bytes)) {
        diag_error(diags, SK073, setvar->at,
                   "0x%" PRIx64 " does not fit symbol \"%s\" of %" PRIu64 " byte%s",
                   setvar_value(setvar), setvar->symbol, bytes, bytes == 1 ? "" : "s");
    }
}

static void check_image_place(struct diagnostics *diags, const struct domain *domain) {
    const struct image *image = domain->image;
    if (image->base < 4096 || image->base + image->bytes > PD_MAP_BASE) {
        struct diag *diag = diag_error(
            diags, SK074, node_value(domain->image_node, ATTRIBUTE_PATH)->at,
            "image \"%s\" is linked at 0x%" PRIx64 " to 0x%" PRIx64 ", outside user memory",
            domain->image_path, image->base, image->base + image->bytes);
        diag_help(diag, "programs lie between 0x1000 and 0x%llx", PD_MAP_BASE);
    }
    if (!(image_perms(image, image->entry) & PERM_EXECUTE)) {
        diag_error(diags, SK074, node_value(domain->image_node, ATTRIBUTE_PATH)->at,
                   "image \"%s\" begins at 0x%" PRIx64 ", where it has no code", domain->image_path,
                   image->entry);
    }
}

static void check_mapping_clear(struct diagnostics *diags, const struct mapping *mapping) {
    const struct domain *domain = mapping->domain;
    struct range range = {mapping->vaddr, mapping->size};
    const struct {
        const char *what;
        struct range range;
    } taken[] = {
        {"the program image", {domain->image->base, domain->image->bytes}},
        {"the domain's stack, console ring and tables", {PD_MAP_BASE, USER_TOP - PD_MAP_BASE}},
    };
    for (unsigned i = 0; i < ARRAY_LENGTH(taken); i++) {
        if (node_value(mapping->node, ATTRIBUTE_VADDR)->valid &&
            ranges_overlap(range, taken[i].range)) {
            struct diag *diag =
                diag_error(diags, SK036, node_value(mapping->node, ATTRIBUTE_VADDR)->at,
                           "this mapping, 0x%" PRIx64 " to 0x%" PRIx64 ", overlaps %s", range.base,
                           range.base + range.size, taken[i].what);
            diag_note(diag, i ? domain->node->at : domain->image_node->at,
                      "which is at 0x%" PRIx64 " to 0x%" PRIx64, taken[i].range.base,
                      taken[i].range.base + taken[i].range.size);
        }
    }
}

// A core's root task is no program of the domains' runtime.
static void check_root_task(struct diagnostics *diags, const struct core *core) {
    u64 address, bytes;
    if (core->root_task && image_symbol(core->root_task, "microkit_name", &address, &bytes)) {
        struct diag *diag = diag_error(
            diags, SK077, node_value(core->root_task_node, ATTRIBUTE_IMAGE)->at,
            "image \"%s\" is a protection domain's, not a root task", core->root_task_path);
        diag_help(diag, "<protection_domain> with this <program_image> in it");
    }
}

void check_images(struct arena *arena, struct diagnostics *diags, struct system *system) {
    check_console(diags, system);
    check_periodic(arena, diags, system);
    for (unsigned i = 0; i < system->core_count; i++) {
        check_root_task(diags, &system->cores[i]);
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        const struct domain *domain = &system->domains[i];
        for (const struct setvar *setvar = domain->setvars; setvar && domain->image;
             setvar = setvar->next) {
            check_setvar(diags, domain, setvar);
        }
        if (domain->image) {
            check_image_place(diags, domain);
        }
    }
    for (unsigned i = 0; i < system->mapping_count; i++) {
        if (system->mappings[i].domain->image) {
            check_mapping_clear(diags, &system->mappings[i]);
        }
    }
}
