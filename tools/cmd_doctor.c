// SPDX-License-Identifier: BSD-2-Clause
// `skerry doctor`: does this machine have what the tool needs? One line per thing, and how to get it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tools/arena.h"
#include "tools/commands.h"
#include "tools/files.h"
#include "tools/load.h"
#include "tools/process.h"
#include "tools/qemu.h"

#define QEMU_LEAST_MAJOR 10
#define ROOM_LEAST       (256ull << 20)

struct doctor {
    struct arena *arena;
    unsigned ill;
};

static void good(const char *what, const char *detail) {
    printf("good     %-22s %s\n", what, detail);
}

static void ill(struct doctor *doctor, const char *what, const char *detail, const char *cure) {
    printf("MISSING  %-22s %s\n         %-22s cure: %s\n", what, detail, "", cure);
    doctor->ill++;
}

static void look_for_program(struct doctor *doctor, const char *program, const char *cure) {
    char *path = process_find(doctor->arena, program);
    if (path) {
        good(program, path);
    } else {
        ill(doctor, program, "not on PATH", cure);
    }
}

static void look_for_qemu(struct doctor *doctor) {
    char *const argv[] = {(char *)QEMU_PROGRAM, (char *)"--version", NULL};
    struct process_result result = process_run(doctor->arena, argv);
    const char *cure =
        "install qemu-system-misc (or -riscv) 10 from the backports suite; ./skerry does it";
    if (result.status) {
        ill(doctor, QEMU_PROGRAM, result.output, cure);
        return;
    }
    const char *version = strstr(result.output, "version ");
    int major = version ? atoi(version + strlen("version ")) : 0;
    result.output[strcspn(result.output, "\n")] = 0;
    if (major < QEMU_LEAST_MAJOR) {
        ill(doctor, QEMU_PROGRAM, result.output, cure);
    } else {
        good(QEMU_PROGRAM, result.output);
    }
}

static void look_for_machine(struct doctor *doctor, enum machine_kind kind) {
    char *why = NULL;
    struct bytes tree = qemu_machine_tree(doctor->arena, kind, 4, 256ull << 20, NULL, &why);
    char *name = arena_printf(doctor->arena, "machine %s", machine_kind_name(kind));
    if (tree.data) {
        good(name, arena_printf(doctor->arena, "device tree of %zu bytes", tree.size));
    } else {
        ill(doctor, name, why, "a newer QEMU");
    }
}

// Runs keep their files in a temporary folder: a package, a serial log.
static void look_for_room(struct doctor *doctor) {
    const char *folder = getenv("TMPDIR");
    folder = folder ? folder : "/tmp";
    struct statvfs room;
    u64 bytes = statvfs(folder, &room) ? 0 : (u64)room.f_bavail * room.f_frsize;
    char *detail =
        arena_printf(doctor->arena, "%s, %llu MiB free", folder, (unsigned long long)(bytes >> 20));
    if (bytes >= ROOM_LEAST && !access(folder, W_OK)) {
        good("temporary files", detail);
    } else {
        ill(doctor, "temporary files", detail,
            "set TMPDIR to a folder that can be written, with room");
    }
}

static void look_for_build(struct doctor *doctor) {
    char *folder = default_build_folder(doctor->arena);
    char *stub = arena_printf(doctor->arena, "%s/bootloader/bootloader.bin", folder);
    if (file_exists(stub)) {
        good("programs for the target", folder);
    } else {
        ill(doctor, "programs for the target", folder, "./skerry build or ./skerry run makes them");
    }
}

int cmd_doctor(int argc, char **argv) {
    (void)argv;
    if (argc != 1) {
        return usage_error("doctor", "it takes no arguments");
    }
    struct doctor doctor = {arena_new(), 0};
    look_for_qemu(&doctor);
    const char *firmware = qemu_firmware();
    if (firmware) {
        good("OpenSBI", firmware);
    } else {
        ill(&doctor, "OpenSBI", "no fw_dynamic.bin",
            "install opensbi 1.5.1 from the backports suite");
    }
    for (enum machine_kind kind = 0; kind < MACHINES_KNOWN; kind++) {
        look_for_machine(&doctor, kind);
    }
    look_for_program(&doctor, "riscv64-unknown-elf-gcc", "install gcc-riscv64-unknown-elf");
    look_for_program(&doctor, "riscv64-unknown-elf-addr2line",
                     "install binutils-riscv64-unknown-elf");
    look_for_program(&doctor, "dtc", "install device-tree-compiler");
    look_for_program(&doctor, "meson", "install meson");
    look_for_program(&doctor, "ninja", "install ninja-build");
    look_for_program(&doctor, "gdb-multiarch", "install gdb-multiarch");
    look_for_room(&doctor);
    look_for_build(&doctor);
    printf(doctor.ill ? "%u missing\n" : "all good\n", doctor.ill);
    arena_free(doctor.arena);
    return doctor.ill ? EXIT_FAILED : EXIT_GOOD;
}
