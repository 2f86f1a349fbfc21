// SPDX-License-Identifier: BSD-2-Clause
// Reading the files that fill regions.
#include "tools/prefill.h"

#include "tools/image.h"
#include "tools/units.h"

#define MAX_PREFILL (256ull << 20)

static const char *region_name(const struct region *region) {
    return region->name ? region->name : "?";
}

static void prefill_attach(struct arena *arena, struct diagnostics *diags, struct region *region,
                           struct bytes file) {
    const struct value *path = node_value(region->node, ATTRIBUTE_PREFILL_PATH);
    const struct value *size = node_value(region->node, ATTRIBUTE_SIZE);
    if (!file.size || file.size > MAX_PREFILL) {
        diag_error(diags, SK078, path->at, "file \"%s\" %s", path->text,
                   file.size ? "is larger than 256MiB" : "is empty");
        return;
    }
    if (size->valid && file.size > size->number) {
        struct diag *diag =
            diag_error(diags, SK078, path->at, "file \"%s\" has %s, region \"%s\" only %s",
                       path->text, units_show_bytes(arena, file.size), region_name(region),
                       units_show_bytes(arena, size->number));
        diag_note(diag, size->at, "the size is given here; without it, the file's is taken");
        return;
    }
    struct bytes *prefill = ARENA_NEW(arena, struct bytes);
    *prefill = file;
    region->prefill = prefill;
    if (!size->given) {
        region->size = align_up(file.size, (unsigned)region->page_bits);
    }
}

static void prefill_read(struct arena *arena, struct diagnostics *diags,
                         const struct system *system, struct region *region,
                         const char *build_folder) {
    const struct value *path = node_value(region->node, ATTRIBUTE_PREFILL_PATH);
    char *found = image_find(arena, system, build_folder, path->text);
    struct bytes file = found ? file_read(arena, found) : (struct bytes){NULL, 0};
    if (!file.data) {
        struct diag *diag = diag_error(diags, SK078, path->at, "file \"%s\" %s", path->text,
                                       found ? "cannot be read" : "is not there");
        diag_help(diag,
                  "it is looked for beside the system file, and in the build folder's examples");
        return;
    }
    prefill_attach(arena, diags, region, file);
}

static void region_check(struct diagnostics *diags, const struct region *region) {
    const struct value *path = node_value(region->node, ATTRIBUTE_PREFILL_PATH);
    if (!path->given && !node_value(region->node, ATTRIBUTE_SIZE)->given) {
        struct diag *diag = diag_error(diags, SK008, region->node->at,
                                       "<memory_region> needs the attribute \"size\"");
        diag_help(diag, "or a file that fills it: prefill_path=\"…\"");
    }
    if (path->valid && region->share[0]) {
        struct diag *diag = diag_error(diags, SK038, path->at,
                                       "region \"%s\" is shared by two cores and cannot be filled",
                                       region_name(region));
        diag_help(diag, "neither kernel starts first; fill a region of one core and copy it");
    }
    if (path->valid && region->fixed) {
        struct diag *diag = diag_error(diags, SK078, path->at,
                                       "registers of a device cannot be filled from a file");
        diag_note(diag, node_value(region->node, ATTRIBUTE_PHYS_ADDR)->at,
                  "the region's fixed address is given here");
    }
}

static void prefill_asked(struct diagnostics *diags, const struct mapping *mapping) {
    const struct value *symbol = node_value(mapping->node, ATTRIBUTE_SETVAR_PREFILL_SIZE);
    if (symbol->given && mapping->region &&
        !node_value(mapping->region->node, ATTRIBUTE_PREFILL_PATH)->given) {
        struct diag *diag = diag_error(diags, SK078, symbol->at, "no file fills region \"%s\"",
                                       region_name(mapping->region));
        diag_note(diag, mapping->region->node->at, "the region has no prefill_path");
    }
}

void prefill_load(struct arena *arena, struct diagnostics *diags, struct system *system,
                  const char *build_folder) {
    for (unsigned i = 0; i < system->region_count; i++) {
        struct region *region = &system->regions[i];
        if (region->node->element->id != ELEMENT_MEMORY_REGION) {
            continue;
        }
        region_check(diags, region);
        if (node_value(region->node, ATTRIBUTE_PREFILL_PATH)->valid && !region->fixed) {
            prefill_read(arena, diags, system, region, build_folder);
        }
    }
    for (unsigned i = 0; i < system->mapping_count; i++) {
        struct mapping *mapping = &system->mappings[i];
        prefill_asked(diags, mapping);
        mapping->size = mapping->region ? mapping->region->size : 0;
    }
}
