// SPDX-License-Identifier: BSD-2-Clause
// Finding and loading the images a system names. Looked for: as written, next to the system file, then in
// the build folder under examples/<folder of the system file>/.
#include <string.h>

#include "tools/files.h"
#include "tools/image.h"

char *image_find(struct arena *arena, const struct system *system, const char *build_folder,
                 const char *written) {
    if (written[0] == '/') {
        return file_exists(written) ? arena_copy(arena, written, strlen(written)) : NULL;
    }
    char *folder = path_folder(arena, system->path);
    char *beside = arena_printf(arena, "%s/%s", folder, written);
    if (file_exists(beside)) {
        return beside;
    }
    const char *slash = strrchr(folder, '/');
    const char *example = slash ? slash + 1 : folder;
    if (!build_folder || !strcmp(example, "..")) {
        return NULL;
    }
    if (!strcmp(example, ".")) {
        example = path_stem(arena, system->path);
    }
    char *built = arena_printf(arena, "%s/examples/%s/%s", build_folder, example, written);
    return file_exists(built) ? built : NULL;
}

// The console program of a Microkit file, which does not name it.
static struct image *console_get(struct arena *arena, struct diagnostics *diags,
                                 const struct system *system, const char *build_folder,
                                 const struct value *value) {
    struct image *image = NULL;
    char *why = NULL;
    const char *path = arena_printf(arena, "%s/user/%s", build_folder, value->text);
    if (image_load(arena, path, &image, &why) != IMAGE_OK) {
        diag_error(diags, SK081, system->node->at, "the console program cannot be used: %s", why);
    }
    return image;
}

static struct image *image_get(struct arena *arena, struct diagnostics *diags,
                               const struct system *system, const char *build_folder,
                               const struct value *value) {
    struct image *image = NULL;
    char *why = NULL;
    if (!value->valid) {
        return NULL;
    }
    char *path = image_find(arena, system, build_folder, value->text);
    if (!path) {
        struct diag *diag =
            diag_error(diags, SK070, value->at, "image \"%s\" is not there", value->text);
        diag_help(diag,
                  "it is looked for beside the system file, and in the build folder's examples");
        return NULL;
    }
    switch (image_load(arena, path, &image, &why)) {
    case IMAGE_OK:
        break;
    case IMAGE_UNREADABLE:
        diag_error(diags, SK070, value->at, "image \"%s\" cannot be read (%s)", value->text, why);
        break;
    case IMAGE_BAD_SEGMENTS:
    case IMAGE_MIXED_PAGE:
        diag_error(diags, SK074, value->at, "image \"%s\" cannot be mapped (%s)", value->text, why);
        break;
    default: {
        struct diag *diag =
            diag_error(diags, SK071, value->at,
                       "image \"%s\" is not a program for this machine (%s)", value->text, why);
        diag_help(diag, "statically linked 64-bit RISC-V, as riscv64-unknown-elf-gcc makes it");
        break;
    }
    }
    return image;
}

void images_load(struct arena *arena, struct diagnostics *diags, struct system *system,
                 const char *build_folder) {
    for (unsigned i = 0; i < system->core_count; i++) {
        struct core *core = &system->cores[i];
        if (core->root_task_node) {
            core->root_task = image_get(arena, diags, system, build_folder,
                                        node_value(core->root_task_node, ATTRIBUTE_IMAGE));
        }
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        struct domain *domain = &system->domains[i];
        if (domain->image_node) {
            bool own = strcmp(domain->node->at.file, system->path) != 0;
            domain->image = (own ? console_get : image_get)(
                arena, diags, system, build_folder, node_value(domain->image_node, ATTRIBUTE_PATH));
        }
    }
}

const struct domain *console_domain(const struct system *system) {
    for (unsigned i = 0; i < system->domain_count; i++) {
        const struct domain *domain = &system->domains[i];
        u64 address, bytes;
        if (domain->core == &system->cores[0] && domain->image &&
            image_symbol(domain->image, "console_rings", &address, &bytes)) {
            return domain;
        }
    }
    return NULL;
}
