// SPDX-License-Identifier: BSD-2-Clause
// A running emulator and the lines of its serial port.
//
// The serial port goes to a file, which is followed: a pipe that is full would make the emulated UART wait for
// the host, and the run would no longer repeat (PLATFORM-FACTS 6.3).
#pragma once

#include <sys/types.h>

#include "tools/qemu.h"

struct follow;

// Starts `arguments` with the serial port to `serial_path` (made anew). NULL: `why` says what went wrong.
struct follow *follow_start(struct arena *arena, struct arguments *arguments,
                            const char *serial_path, char **why);

enum follow_event {
    FOLLOW_LINE, // *line is a line without its newline; valid until the next call
    FOLLOW_TEXT, // raw mode: *line is new text, of follow_text_length() bytes; it may hold any, zeroes too
    FOLLOW_IDLE, // nothing for some milliseconds
    FOLLOW_END   // the emulator has ended, and everything it wrote has been read
};

// With `raw`, text comes as it is, as soon as it is there.
enum follow_event follow_next(struct follow *follow, bool raw, const char **line);

size_t follow_text_length(const struct follow *follow);

// Ends the emulator if it still runs.
void follow_stop(struct follow *follow);

// Processor time that the emulator has had, in nanoseconds; 0: not known, or it has ended.
u64 follow_processor_ns(const struct follow *follow);

// How it ended: exit code, 128 + signal, or -1 while it runs.
int follow_status(const struct follow *follow);

// What the emulator itself said, without the harmless lines we know.
char *follow_errors(struct follow *follow);
