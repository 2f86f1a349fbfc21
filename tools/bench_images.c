// SPDX-License-Identifier: BSD-2-Clause
// Bytes of kernel images: the sections of the release kernels, and the RAM that an image takes with its tables.
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/image.h"

static const char *const MACHINES[] = {"virt-aia", "virt-aclint", "virt-plain"};
static const char *const SECTIONS[] = {".text", ".rodata", ".data", ".bss"};

static void row_put(struct arena *arena, struct bench_result *result, const char *name, u64 bytes) {
    u64 *sample = ARENA_NEW(arena, u64);
    *sample = bytes;
    struct bench_row row = {.name = name, .unit = "bytes", .samples = sample, .count = 1};
    bench_row_add(arena, result, &row);
}

// Bytes of the sections whose name is `name`, or begins with it and a point.
static u64 section_bytes(Elf *elf, const char *name) {
    size_t names, length = strlen(name);
    u64 bytes = 0;
    if (elf_getshdrstrndx(elf, &names)) {
        return 0;
    }
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        const char *own =
            gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
        if (own && header.sh_flags & SHF_ALLOC && !strncmp(own, name, length) &&
            (!own[length] || own[length] == '.')) {
            bytes += header.sh_size;
        }
    }
    return bytes;
}

static bool machine_read(struct arena *arena, const struct bench_plan *plan, const char *machine,
                         struct bench_result *result) {
    const char *path = arena_printf(arena, "%s/kernel/skerry-%s-%s.elf", plan->build_folder,
                                    machine, variant_name(plan->variant));
    struct bytes file = file_read(arena, path);
    struct image *image = NULL;
    char *why = arena_printf(arena, "not an ELF file");
    Elf *elf = file.data ? elf_memory((char *)file.data, file.size) : NULL;
    if (!elf || image_parse(arena, path, file, &image, &why) != IMAGE_OK) {
        fprintf(stderr, "skerry bench: error: %s: %s\n", path, why);
        return false;
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(SECTIONS); i++) {
        row_put(arena, result, arena_printf(arena, "memory.%s%s", machine, SECTIONS[i]),
                section_bytes(elf, SECTIONS[i]));
    }
    row_put(arena, result, arena_printf(arena, "memory.%s.ram", machine), image->bytes);
    elf_end(elf);
    return true;
}

bool bench_images_read(struct arena *arena, const struct bench_plan *plan,
                       struct bench_result *result) {
    bool good = elf_version(EV_CURRENT) != EV_NONE;
    for (unsigned i = 0; good && i < ARRAY_LENGTH(MACHINES); i++) {
        good = machine_read(arena, plan, MACHINES[i], result);
    }
    return good;
}
