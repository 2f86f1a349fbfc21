// SPDX-License-Identifier: BSD-2-Clause
// Places in a program at which a trace of the emulator can be cut. They do nothing; a call is a few instructions.
//
// MARKS(name, "64") makes 64 functions of one instruction, one behind the other; mark(name, n) calls the n-th. The tool
// knows the symbol and that each is four bytes long.
#pragma once

#define MARKS(name, count)                                                                         \
    extern char name[];                                                                            \
    __asm__(".pushsection .text." #name ", \"ax\"\n"                                               \
            ".option push\n"                                                                       \
            ".option norvc\n"                                                                      \
            ".balign 4\n"                                                                          \
            ".globl " #name "\n" #name ":\n"                                                       \
            ".rept " count "\n"                                                                    \
            "ret\n"                                                                                \
            ".endr\n"                                                                              \
            ".option pop\n"                                                                        \
            ".popsection\n")

#define MARK_BYTES 4ul

static inline void mark_call(char *marks, unsigned which) {
    ((void (*)(void))(marks + MARK_BYTES * which))();
}
