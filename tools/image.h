// SPDX-License-Identifier: BSD-2-Clause
// Program images: ELF files flattened to pages, with variables that can be set.
#pragma once

#include "tools/files.h"
#include "tools/model.h"

struct image {
    const char *path;
    u64 entry;
    u64 base;          // page aligned, lowest address of any segment
    u64 bytes;         // whole pages, .bss included
    u64 file_bytes;    // up to here (from base) the file has contents; the rest is zero
    u8 *data;          // `bytes` long
    u8 *perms;         // enum perms of each page; 0: a page in a hole
    u64 first_address; // lowest segment address, not rounded
    struct symbol_list *symbols;
};

enum image_result {
    IMAGE_OK,
    IMAGE_UNREADABLE, // `why` from the system
    IMAGE_NOT_ELF,
    IMAGE_WRONG_MACHINE,
    IMAGE_NOT_STATIC,
    IMAGE_BAD_SEGMENTS, // outside memory, no segment, larger than 256MiB
    IMAGE_MIXED_PAGE,   // a page both writable and executable by two segments
};

// Takes the bytes of an ELF file. `why` gets a sentence for every result but IMAGE_OK.
enum image_result image_parse(struct arena *arena, const char *path, struct bytes file,
                              struct image **image, char **why);

// Reads the file. `why` gets a sentence for every result but IMAGE_OK.
enum image_result image_load(struct arena *arena, const char *path, struct image **image,
                             char **why);

// Address and size of a symbol of kind object or none; false if there is none of that name.
bool image_symbol(const struct image *image, const char *name, u64 *address, u64 *bytes);

// Offers the image's symbols as corrections.
struct suggestion;
void image_offer_symbols(const struct image *image, struct suggestion *suggestion);

// Where the bytes of an address range are; NULL if the image does not have them all.
u8 *image_at(const struct image *image, u64 address, u64 bytes);

// Rights (enum perms) of the page of an address; 0 outside of the image and in its holes.
u8 image_perms(const struct image *image, u64 address);

enum image_set_result { IMAGE_SET, IMAGE_NO_SYMBOL, IMAGE_BAD_SHAPE, IMAGE_TOO_LARGE };

// Writes a number, little endian, into a variable of 1, 2, 4 or 8 bytes.
enum image_set_result image_set_number(const struct image *image, const char *symbol, u64 value);

// Writes a text into an array of bytes, zero-filled; cut if it is too long.
enum image_set_result image_set_text(const struct image *image, const char *symbol,
                                     const char *text);

// Where a file that the system file names is: as written if absolute, beside the system file, or in the build
// folder under examples/<folder of the system file>/. NULL: nowhere.
char *image_find(struct arena *arena, const struct system *system, const char *build_folder,
                 const char *written);

// Finds and loads every image of the system. Reports SK070, SK071, SK074.
void images_load(struct arena *arena, struct diagnostics *diags, struct system *system,
                 const char *build_folder);

// The domain of the platform core that prints everybody's lines: its program has a variable `console_rings`.
// NULL: there is none, and lines of debug kernels go to the firmware's console instead.
const struct domain *console_domain(const struct system *system);
