// SPDX-License-Identifier: BSD-2-Clause
// Where stretches begin and end, and what they went through.
#include "tools/stretch.h"

#include <stdlib.h>
#include <string.h>

#include "tools/image.h"

#define WFI      0x10500073u
#define READ_SIP 0x14402073u // csrr rd, sip
#define ANY_RD   0x00000f80u

static const char *const UPCALLS[STRETCH_KINDS] = {[STRETCH_SYSCALL] = "kernel_syscall",
                                                   [STRETCH_FAULT] = "riscv_user_fault",
                                                   [STRETCH_INTERRUPT] = "kernel_interrupt"};

const char *stretch_kind_name(enum stretch_kind kind) {
    static const char *const NAMES[STRETCH_KINDS] = {"syscall", "fault", "interrupt", "continued"};
    return NAMES[kind];
}

// Panics wait for ever, too; the wait for work is the one in riscv_wait().
static void wait_find(struct stretch_kernel *kernel, const struct image *image) {
    for (unsigned i = 0; i < kernel->looks; i++) {
        u32 word;
        memcpy(&word, image_at(image, kernel->look[i], 4), sizeof(word));
        if (word == WFI &&
            !strcmp(function_at(&kernel->functions, kernel->look[i])->name, "riscv_wait")) {
            kernel->wait = kernel->look[i];
        }
    }
}

bool stretch_kernel_read(struct arena *arena, const char *elf, struct stretch_kernel *kernel,
                         char **why) {
    struct image *image = NULL;
    u64 bytes, text_end;
    *kernel = (struct stretch_kernel){0};
    *why = arena_printf(arena, "%s has no symbols", elf);
    if (image_load(arena, elf, &image, why) != IMAGE_OK ||
        !image_symbol(image, "riscv_trap", &kernel->vector, &bytes) ||
        !image_symbol(image, "riscv_enter", &kernel->enter, &bytes) ||
        !image_symbol(image, "riscv_text_end", &text_end, &bytes)) {
        return false;
    }
    kernel->base = image->base;
    kernel->end = text_end;
    // Compressed instructions make every even address a possible beginning.
    for (u64 at = image->base; at + 4 <= text_end && kernel->looks < STRETCH_MAX_LOOKS; at += 2) {
        u32 word;
        memcpy(&word, image_at(image, at, 4), sizeof(word));
        if (word == WFI || (word & ~ANY_RD) == READ_SIP) {
            kernel->look[kernel->looks++] = at;
        }
    }
    functions_add(arena, &kernel->functions, elf);
    wait_find(kernel, image);
    for (unsigned kind = 0; kind < STRETCH_KINDS; kind++) {
        kernel->upcall[kind] =
            UPCALLS[kind] ? function_address(&kernel->functions, UPCALLS[kind]) : 0;
    }
    return kernel->functions.count > 0;
}

void stretch_begin(struct stretch *stretch, struct arena *arena,
                   const struct stretch_kernel *kernel) {
    *stretch =
        (struct stretch){.arena = arena, .kernel = kernel, .path = {.kind = STRETCH_CONTINUED}};
}

static void length_add(struct stretch *stretch, u64 length) {
    struct stretch_lengths *lengths = &stretch->lengths[stretch->path.kind];
    if (lengths->count == lengths->room) {
        unsigned room = 2 * lengths->room + 1024;
        u64 *list = ARENA_ARRAY(stretch->arena, u64, room);
        if (lengths->count) {
            memcpy(list, lengths->list, lengths->count * sizeof(u64));
        }
        lengths->list = list;
        lengths->room = room;
    }
    lengths->list[lengths->count++] = length;
}

static enum stretch_event stretch_end(struct stretch *stretch) {
    enum stretch_event event = STRETCH_ENDED;
    struct stretch_path *longest = &stretch->longest[stretch->path.kind];
    if (stretch->counting && stretch->path.length) {
        length_add(stretch, stretch->path.length);
        if (stretch->path.length > longest->length) {
            *longest = stretch->path;
            event = STRETCH_RECORD;
        }
    }
    stretch->path.length = stretch->path.functions = 0;
    stretch->path.kind = STRETCH_CONTINUED;
    return event;
}

static void function_count(struct stretch_path *path, const struct function *function) {
    unsigned i = 0;
    while (i < path->functions && path->function[i] != function) {
        i++;
    }
    if (i == path->functions) {
        if (i == STRETCH_MAX_PATH) {
            i--;
        } else {
            path->function[i] = function;
            path->instructions[i] = 0;
            path->functions++;
        }
    }
    path->instructions[i]++;
}

enum stretch_event stretch_step(struct stretch *stretch, u64 pc) {
    const struct stretch_kernel *kernel = stretch->kernel;
    enum stretch_event event = STRETCH_GOES_ON;
    if (pc == kernel->vector) {
        event = stretch_end(stretch);
        stretch->counting |= stretch->entered;
    }
    stretch->entered |= pc == kernel->enter;
    stretch->path.length++;
    function_count(&stretch->path, function_at(&kernel->functions, pc));
    for (unsigned kind = 0; kind < STRETCH_KINDS; kind++) {
        if (pc == kernel->upcall[kind]) {
            stretch->path.kind = (enum stretch_kind)kind;
        }
    }
    for (unsigned i = 0; i < kernel->looks; i++) {
        if (kernel->look[i] == pc) {
            enum stretch_event here = stretch_end(stretch);
            event = here > event ? here : event;
        }
    }
    return event;
}

char *stretch_path_show(struct arena *arena, const struct stretch_path *path, unsigned most) {
    bool shown[STRETCH_MAX_PATH] = {false};
    char *text = arena_copy(arena, "", 0);
    for (unsigned n = 0; n < most && n < path->functions; n++) {
        unsigned best = STRETCH_MAX_PATH;
        for (unsigned i = 0; i < path->functions; i++) {
            if (!shown[i] &&
                (best == STRETCH_MAX_PATH || path->instructions[i] > path->instructions[best])) {
                best = i;
            }
        }
        shown[best] = true;
        text = arena_printf(arena, "%s%s%s %u", text, n ? ", " : "", path->function[best]->name,
                            path->instructions[best]);
    }
    return text;
}
