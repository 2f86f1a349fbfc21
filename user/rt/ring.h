// SPDX-License-Identifier: BSD-2-Clause
/*
 * Both ends of a console ring (abi/console_ring.h): whole lines in, whole lines out.
 *
 *        tail                head
 *         v                   v
 *     ....[line\n][line\n]....        head, tail count bytes for ever; place = count mod CONSOLE_RING_BYTES
 *
 * One writer, one reader, no lock. The writer publishes a line with one release store of `head`, so the
 * reader never sees part of one. Neither trusts the other's counter.
 */
#pragma once

#include "abi/console_ring.h"
#include "lib/types.h"

#define RING_LINE_BYTES                                                                            \
    200 /* longest line a reader hands out, '\0' included; longer ones are cut */

/*
 * Writer: make the ring usable, under the name "core who" (cut to fit). Lines of an earlier life stay
 * readable.
 */
void ring_begin(struct console_ring *ring, const char *core, const char *who);

/*
 * Writer: append `length` bytes and, if the last is not '\n', a '\n'. Returns false, and counts the line as
 * dropped, if there is no room. Never waits.
 */
bool ring_put_line(struct console_ring *ring, const char *text, u32 length);

/*
 * Reader: the ring is in use and its name is zero-terminated text. A ring nobody began has nothing to read.
 */
MUST_USE bool ring_ready(const struct console_ring *ring);

/*
 * Reader: take one whole line into `line`, without its '\n', zero-terminated; bytes that are not printable
 * (control characters, so no line can pretend to be another) become '?'. Returns its length, or -1 if
 * there is none. A line too long for `line` loses its end. If the writer's counter is impossible, everything
 * is skipped and -1 returned.
 */
MUST_USE int ring_take_line(struct console_ring *ring, char line[RING_LINE_BYTES]);
