// SPDX-License-Identifier: BSD-2-Clause
// Rules that need the program images.
#include <inttypes.h>

#include "tools/check.h"
#include "tools/emit_init.h"
#include "tools/image.h"
#include "tools/suggest.h"

#define CONSOLE_RINGS 64u

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
    if ((bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) ||
        !image_at(domain->image, address, bytes)) {
        diag_error(diags, SK073, setvar->at,
                   "symbol \"%s\" of \"%s\" is %" PRIu64 " bytes long, not 1, 2, 4 or 8",
                   setvar->symbol, domain->image_path, bytes);
    } else if (!setvar->address_of && bytes < 8 && setvar->value >> (8 * bytes)) {
        diag_error(diags, SK073, setvar->at,
                   "0x%" PRIx64 " does not fit symbol \"%s\" of %" PRIu64 " byte%s", setvar->value,
                   setvar->symbol, bytes, bytes == 1 ? "" : "s");
    }
}

static void check_image_place(struct diagnostics *diags, const struct domain *domain) {
    const struct image *image = domain->image;
    if (image->base < 4096 || image->base + image->bytes > USER_TOP) {
        struct diag *diag = diag_error(
            diags, SK074, node_value(domain->image_node, ATTRIBUTE_PATH)->at,
            "image \"%s\" is linked at 0x%" PRIx64 " to 0x%" PRIx64 ", outside user memory",
            domain->image_path, image->base, image->base + image->bytes);
        diag_help(diag, "user memory is 0x1000 to 0x%llx", USER_TOP);
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

// The console program has room for so many pages (user/console/console.h).
static void check_console(struct diagnostics *diags, const struct system *system) {
    const struct domain *console = console_domain(system);
    unsigned rings = 2 * system->core_count + system->domain_count;
    if (console && rings > CONSOLE_RINGS) {
        struct diag *diag = diag_error(diags, SK017, console->node->at,
                                       "the console program reads %u rings, this system has %u",
                                       CONSOLE_RINGS, rings);
        diag_help(diag, "two for each core and one for each protection domain");
    }
}

void check_images(struct arena *arena, struct diagnostics *diags, struct system *system) {
    (void)arena;
    check_console(diags, system);
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
