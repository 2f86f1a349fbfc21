// SPDX-License-Identifier: BSD-2-Clause
// From a path to a checked, placed system: what `check`, `build`, `show` and `run` begin with.
#pragma once

#include "tools/model.h"

struct load_options {
    const char *tree_path;    // device tree of the machine; NULL: ask QEMU
    const char *cpu;          // QEMU's -cpu, if it is not the default
    const char *build_folder; // where cross-built images are; NULL: from SKERRY_ROOT
    // What a Microkit file does not say. NULL: the default; not NULL for a file of ours: SK018.
    const char *machine; // its name
    const char *variant; // its name
};

struct load {
    struct arena *arena;
    struct diagnostics *diags;
    struct system *system; // NULL: the file could not be read at all
    const char *build_folder;
};

// Takes what --machine (or else --variant) says; false: it is not one of the words.
bool load_take_word(struct load_options *options, bool machine, const char *word);

// Takes an option that says how a system is loaded, of a verb that has no other options left (tools/commands.h).
// False: said that it is not understood.
bool load_take_option(struct load_options *options, const char *verb, int option, const char *value,
                      const char *argument);

// Whether exactly one system file is left of a verb's arguments. False: said so.
bool load_one_file(const char *verb, int argc);

// Never NULL. Everything wrong is in diags; the system is complete only if there are no errors.
struct load *system_load(const char *path, const struct load_options *options);
void load_free(struct load *load);

// Prints the findings to stderr. Returns the command's exit code: 0, or 1 if there were errors.
int load_report(struct load *load);

// Folder of the cross build: $SKERRY_ROOT/build/cross, or build/cross.
char *default_build_folder(struct arena *arena);
