// SPDX-License-Identifier: BSD-2-Clause
// Loading ELF files with libelf. Images come from a compiler, but may come from anywhere: every offset is
// checked by libelf or here before it is used.
#include "tools/image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>

#include "tools/files.h"
#include "tools/suggest.h"

#define PAGE_BYTES  4096ull
#define MAX_IMAGE   (256ull << 20)
#define MAX_SYMBOLS (1u << 20)

struct symbol {
    const char *name;
    u64 address, bytes;
};

struct symbol_list {
    struct symbol *symbols;
    unsigned count;
};

struct loader {
    struct arena *arena;
    const char *path;
    Elf *elf;
    struct bytes file;
    struct image *image;
    char **why;
};

static enum image_result fail(struct loader *loader, enum image_result result, const char *why) {
    *loader->why = arena_printf(loader->arena, "%s: %s", loader->path, why);
    return result;
}

static enum image_result header_check(struct loader *loader) {
    GElf_Ehdr header;
    if (elf_kind(loader->elf) != ELF_K_ELF || !gelf_getehdr(loader->elf, &header)) {
        return fail(loader, IMAGE_NOT_ELF, "is not an ELF file");
    }
    if (header.e_machine != EM_RISCV || gelf_getclass(loader->elf) != ELFCLASS64 ||
        header.e_ident[EI_DATA] != ELFDATA2LSB) {
        return fail(loader, IMAGE_WRONG_MACHINE, "is not for 64-bit RISC-V");
    }
    if (header.e_type != ET_EXEC) {
        return fail(loader, IMAGE_NOT_STATIC, "is not a statically linked program");
    }
    loader->image->entry = header.e_entry;
    return IMAGE_OK;
}

// First pass over the segments: how far the image reaches.
static enum image_result extent_find(struct loader *loader, size_t segments) {
    u64 low = UINT64_MAX, high = 0, file_high = 0;
    for (size_t i = 0; i < segments; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(loader->elf, (int)i, &segment)) {
            return fail(loader, IMAGE_NOT_ELF, "has a damaged program header");
        }
        if (segment.p_type != PT_LOAD || !segment.p_memsz) {
            continue;
        }
        u64 end = segment.p_vaddr + segment.p_memsz;
        if (end < segment.p_vaddr || segment.p_filesz > segment.p_memsz ||
            segment.p_offset > loader->file.size ||
            segment.p_filesz > loader->file.size - segment.p_offset) {
            return fail(loader, IMAGE_BAD_SEGMENTS, "has a segment that is not in the file");
        }
        low = segment.p_vaddr < low ? segment.p_vaddr : low;
        high = end > high ? end : high;
        u64 file_end = segment.p_vaddr + segment.p_filesz;
        file_high = file_end > file_high ? file_end : file_high;
    }
    if (low >= high || high > UINT64_MAX - PAGE_BYTES || high - low > MAX_IMAGE) {
        return fail(loader, IMAGE_BAD_SEGMENTS,
                    low >= high ? "has nothing to load" : "is too large");
    }
    struct image *image = loader->image;
    image->first_address = low;
    image->base = low & ~(PAGE_BYTES - 1);
    image->bytes = ((high + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1)) - image->base;
    image->file_bytes = file_high > image->base ? file_high - image->base : 0;
    return IMAGE_OK;
}

// Second pass: copies contents and notes each page's rights.
static enum image_result segments_copy(struct loader *loader, size_t segments) {
    struct image *image = loader->image;
    image->data = arena_alloc(loader->arena, image->bytes);
    image->perms = arena_alloc(loader->arena, image->bytes / PAGE_BYTES);
    for (size_t i = 0; i < segments; i++) {
        GElf_Phdr segment;
        gelf_getphdr(loader->elf, (int)i, &segment);
        if (segment.p_type != PT_LOAD || !segment.p_memsz) {
            continue;
        }
        memcpy(image->data + (segment.p_vaddr - image->base), loader->file.data + segment.p_offset,
               segment.p_filesz);
        u8 perms = (u8)((segment.p_flags & PF_R ? PERM_READ : 0) |
                        (segment.p_flags & PF_W ? PERM_WRITE : 0) |
                        (segment.p_flags & PF_X ? PERM_EXECUTE : 0));
        u64 last = (segment.p_vaddr + segment.p_memsz - 1 - image->base) / PAGE_BYTES;
        for (u64 page = (segment.p_vaddr - image->base) / PAGE_BYTES; page <= last; page++) {
            u8 before = image->perms[page];
            image->perms[page] = (u8)(before | perms);
            bool both = (image->perms[page] & PERM_WRITE) && (image->perms[page] & PERM_EXECUTE);
            if (before && both && before != image->perms[page]) {
                return fail(loader, IMAGE_MIXED_PAGE,
                            "has a page that is code and writable data at once");
            }
        }
    }
    return IMAGE_OK;
}

static void symbols_read(struct loader *loader) {
    Elf_Scn *section = NULL;
    struct symbol_list *list = ARENA_NEW(loader->arena, struct symbol_list);
    loader->image->symbols = list;
    while ((section = elf_nextscn(loader->elf, section))) {
        GElf_Shdr header;
        Elf_Data *data;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB || !header.sh_entsize ||
            header.sh_size / header.sh_entsize > MAX_SYMBOLS ||
            !(data = elf_getdata(section, NULL))) {
            continue;
        }
        unsigned count = (unsigned)(header.sh_size / header.sh_entsize);
        list->symbols = ARENA_ARRAY(loader->arena, struct symbol, count + 1);
        for (unsigned i = 0; i < count; i++) {
            GElf_Sym symbol;
            const char *name;
            if (gelf_getsym(data, (int)i, &symbol) && symbol.st_shndx != SHN_UNDEF &&
                GELF_ST_TYPE(symbol.st_info) <= STT_FUNC &&
                (name = elf_strptr(loader->elf, header.sh_link, symbol.st_name)) && *name) {
                list->symbols[list->count++] = (struct symbol){
                    arena_copy(loader->arena, name, strlen(name)), symbol.st_value, symbol.st_size};
            }
        }
        return;
    }
}

static enum image_result elf_load(struct loader *loader) {
    size_t segments = 0;
    enum image_result result = header_check(loader);
    if (result == IMAGE_OK && elf_getphdrnum(loader->elf, &segments)) {
        result = fail(loader, IMAGE_NOT_ELF, "has no program headers");
    }
    if (result == IMAGE_OK) {
        result = extent_find(loader, segments);
    }
    if (result == IMAGE_OK) {
        result = segments_copy(loader, segments);
    }
    if (result == IMAGE_OK) {
        symbols_read(loader);
    }
    return result;
}

enum image_result image_parse(struct arena *arena, const char *path, struct bytes file,
                              struct image **image, char **why) {
    struct loader loader = {arena, path, NULL, file, ARENA_NEW(arena, struct image), why};
    loader.image->path = path;
    elf_version(EV_CURRENT);
    loader.elf = elf_memory((char *)loader.file.data, loader.file.size);
    if (!loader.elf) {
        return fail(&loader, IMAGE_NOT_ELF, "is not an ELF file");
    }
    enum image_result result = elf_load(&loader);
    elf_end(loader.elf);
    *image = result == IMAGE_OK ? loader.image : NULL;
    return result;
}

enum image_result image_load(struct arena *arena, const char *path, struct image **image,
                             char **why) {
    struct bytes file = file_read(arena, path);
    if (!file.data) {
        *why = arena_printf(arena, "%s: %s", path, strerror(errno));
        return IMAGE_UNREADABLE;
    }
    return image_parse(arena, path, file, image, why);
}

/* ---- Symbols ----------------------------------------------------------------------------------- */

bool image_symbol(const struct image *image, const char *name, u64 *address, u64 *bytes) {
    for (unsigned i = 0; i < image->symbols->count; i++) {
        const struct symbol *symbol = &image->symbols->symbols[i];
        if (!strcmp(symbol->name, name)) {
            *address = symbol->address;
            *bytes = symbol->bytes;
            return true;
        }
    }
    return false;
}

void image_offer_symbols(const struct image *image, struct suggestion *suggestion) {
    for (unsigned i = 0; i < image->symbols->count; i++) {
        suggest_offer(suggestion, image->symbols->symbols[i].name);
    }
}

u8 *image_at(const struct image *image, u64 address, u64 bytes) {
    if (address < image->base || address - image->base > image->bytes ||
        bytes > image->bytes - (address - image->base)) {
        return NULL;
    }
    return image->data + (address - image->base);
}

u8 image_perms(const struct image *image, u64 address) {
    return image_at(image, address, 1) ? image->perms[(address - image->base) / PAGE_BYTES] : 0;
}

enum image_set_result image_set_number(const struct image *image, const char *symbol, u64 value) {
    u64 address, bytes;
    if (!image_symbol(image, symbol, &address, &bytes)) {
        return IMAGE_NO_SYMBOL;
    }
    u8 *at = image_at(image, address, bytes);
    if (!at || (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)) {
        return IMAGE_BAD_SHAPE;
    }
    if (bytes < 8 && value >> (8 * bytes)) {
        return IMAGE_TOO_LARGE;
    }
    for (u64 i = 0; i < bytes; i++) {
        at[i] = (u8)(value >> (8 * i));
    }
    return IMAGE_SET;
}

enum image_set_result image_set_text(const struct image *image, const char *symbol,
                                     const char *text) {
    u64 address, bytes;
    if (!image_symbol(image, symbol, &address, &bytes)) {
        return IMAGE_NO_SYMBOL;
    }
    u8 *at = image_at(image, address, bytes);
    if (!at || !bytes) {
        return IMAGE_BAD_SHAPE;
    }
    size_t length = strlen(text);
    memset(at, 0, bytes);
    memcpy(at, text, length < bytes ? length : bytes - 1);
    return IMAGE_SET;
}
