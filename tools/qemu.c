// SPDX-License-Identifier: BSD-2-Clause
// Command lines of QEMU.
#include "tools/qemu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/process.h"
#include "tools/units.h"

#define SLICE_US 100 // upper bound of the emulator's slices between harts (PLATFORM-FACTS 6.1)

static const char *const MACHINE_ARGUMENT[MACHINES_KNOWN] = {
    [MACHINE_VIRT_AIA] = "virt,aia=aplic-imsic",
    [MACHINE_VIRT_ACLINT] = "virt,aclint=on",
    [MACHINE_VIRT_PLAIN] = "virt",
};

void arguments_add(struct arena *arena, struct arguments *arguments, const char *argument) {
    if (arguments->count + 1 >= arguments->room) {
        unsigned room = 2 * arguments->room + 16;
        const char **list = ARENA_ARRAY(arena, const char *, room);
        if (arguments->count) {
            memcpy(list, arguments->list, arguments->count * sizeof(list[0]));
        }
        arguments->list = list;
        arguments->room = room;
    }
    arguments->list[arguments->count++] = argument;
    arguments->list[arguments->count] = NULL;
}

char *qemu_path(struct arena *arena, const char *path) {
    char *doubled = arena_alloc(arena, 2 * strlen(path) + 1), *at = doubled;
    for (; *path; path++) {
        *at++ = *path;
        if (*path == ',') {
            *at++ = ',';
        }
    }
    return doubled;
}

static void add_many(struct arena *arena, struct arguments *arguments, const char *const *list) {
    for (; *list; list++) {
        arguments_add(arena, arguments, *list);
    }
}

void qemu_machine_arguments(struct arena *arena, struct arguments *arguments,
                            enum machine_kind kind, unsigned harts, u64 memory_bytes) {
    const char *const list[] = {
        QEMU_PROGRAM, "-nodefaults",
        "-display",   "none",
        "-machine",   MACHINE_ARGUMENT[kind],
        "-smp",       arena_printf(arena, "%u", harts),
        "-m",         arena_printf(arena, "%llum", (unsigned long long)(memory_bytes >> 20)),
        NULL};
    add_many(arena, arguments, list);
}

// Virtual time counts instructions, so the same input gives the same bytes; with several harts a
// self-re-arming timer bounds how long one of them keeps the others waiting.
void qemu_time_arguments(struct arena *arena, struct arguments *arguments, unsigned harts) {
    const char *const list[] = {
        "-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm", "-seed", "0", NULL};
    add_many(arena, arguments, list);
    if (harts > 1) {
        const char *const slices[] = {
            "-netdev", "hubport,id=n0,hubid=0", "-object",
            arena_printf(arena, "filter-buffer,id=f0,netdev=n0,interval=%u", SLICE_US), NULL};
        add_many(arena, arguments, slices);
    }
}

const char *qemu_firmware(void) {
    static const char *const PLACES[] = {
        "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin",
        "/usr/share/opensbi/lp64/generic/firmware/fw_dynamic.bin",
        "/usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin"};
    for (unsigned i = 0; i < ARRAY_LENGTH(PLACES); i++) {
        if (file_exists(PLACES[i])) {
            return PLACES[i];
        }
    }
    return NULL;
}

struct bytes qemu_machine_tree(struct arena *arena, enum machine_kind kind, unsigned harts,
                               u64 memory_bytes, const char *cpu, char **why) {
    struct bytes tree = {NULL, 0};
    const char *folder = getenv("TMPDIR");
    char *path = arena_printf(arena, "%s/skerry-tree.XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0) {
        *why = arena_printf(arena, "%s: %s", path, strerror(errno));
        return tree;
    }
    close(fd);
    struct arguments arguments = {NULL, 0, 0};
    qemu_machine_arguments(arena, &arguments, kind, harts, memory_bytes);
    arguments.list[5] =
        arena_printf(arena, "%s,dumpdtb=%s", MACHINE_ARGUMENT[kind], qemu_path(arena, path));
    arguments_add(arena, &arguments, "-bios");
    arguments_add(arena, &arguments, "none");
    if (cpu) {
        arguments_add(arena, &arguments, "-cpu");
        arguments_add(arena, &arguments, cpu);
    }
    struct process_result result = process_run(arena, (char *const *)arguments.list);
    if (result.status == 0) {
        tree = file_read(arena, path);
        *why = arena_printf(arena, "QEMU wrote no device tree");
        tree = tree.size ? tree : (struct bytes){NULL, 0};
    } else {
        result.output[strcspn(result.output, "\n")] = 0;
        *why = result.output;
    }
    unlink(path);
    return tree;
}

static bool plain_word(const char *word) {
    return *word &&
           !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "-_./=,:+@%")];
}

char *arguments_show(struct arena *arena, const struct arguments *arguments) {
    char *line = arena_copy(arena, "", 0);
    for (unsigned i = 0; i < arguments->count; i++) {
        const char *word = arguments->list[i];
        line =
            arena_printf(arena, plain_word(word) ? "%s%s%s" : "%s%s'%s'", line, i ? " " : "", word);
    }
    return line;
}
