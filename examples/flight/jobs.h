// SPDX-License-Identifier: BSD-2-Clause
/*
 * The three rate groups as jobs of three protection domains, and the memory they exchange data through.
 *
 *             measured (each tick)        filtered (each 2nd)
 *   plant ───────────────────────▶ filters ───────────────▶ control ──▶ telemetry (gateway), rows (monitor)
 *     ▲                                                        │
 *     └────────────────────── commands (each 4th) ─────────────┘
 *
 * Each arrow is a message ring (message_ring.h): one domain can write it, the next can only read it, and
 * the number of a message says which tick it belongs to:
 *     measured: tick + 1        filtered: tick / 2 + 1        commands: tick / 4 + 1
 * So every job knows which message it needs for the data flow of rosace.h, whenever it happens to run,
 * and counts what was not there. With no such count, the flight equals rate_groups_step() bit for bit.
 *
 * The first word of a message is the release of the plant's tick on the shared clock; the responses of
 * the later domains are measured from there. The last word counts the trouble so far: data that was stale,
 * lost or missing, and deadlines missed, summed along the arrows, so that whoever stands at the end knows
 * whether anything went wrong anywhere.
 */
#pragma once

#include "examples/flight/message_ring.h"
#include "examples/flight/trajectory.h"

/* What a job works on: its tick, and when that tick was released. */
struct job {
    u64 tick;
    u64 release;
};

/* What travels beside the doubles of a message. */
struct stamp {
    u64 release;
    u64 trouble;
};

struct plant_job {
    struct message_ring *measured, *commands;
    struct plant plant;
    struct commands newest;
    u64 tick;
    u64 stale; // ticks that flew with older commands than they should have
    u64 late;  // deadlines missed: counted by the domain, which knows the time
};

struct filters_job {
    struct message_ring *measured, *filtered;
    struct message_reader reader;
    struct filters filters;
    struct measurements input;
    u64 upstream; // trouble the plant told of
    u64 late;
};

struct control_job {
    struct message_ring *filtered, *measured, *commands;
    const struct level_change *flight;
    struct message_reader reader;
    struct control control;
    struct measurements input;
    u64 upstream; // trouble the filters told of
    u64 late;
    u64 missing; // jobs whose raw measurement was gone when the row for the telemetry was made
};

void plant_job_init(struct plant_job *p, struct message_ring *measured,
                    struct message_ring *commands);
/* One tick, released at `release`. Returns true if the filters are to run now. */
bool plant_job_run(struct plant_job *p, u64 release);

void filters_job_init(struct filters_job *f, struct message_ring *measured,
                      struct message_ring *filtered);
/* Takes the input of the next job; false if there is none yet. Then run it. */
MUST_USE bool filters_job_take(struct filters_job *f, struct job *job);
/* Returns true if the control laws are to run now. */
bool filters_job_run(struct filters_job *f, const struct job *job);

void control_job_init(struct control_job *c, const struct level_change *flight,
                      struct message_ring *filtered, struct message_ring *measured,
                      struct message_ring *commands);
MUST_USE bool control_job_take(struct control_job *c, struct job *job);
/* Returns what happened at this tick, for telemetry and the trajectory. */
struct trajectory_row control_job_run(struct control_job *c, const struct job *job);

/* Trouble of a group and of those before it. */
u64 plant_job_trouble(const struct plant_job *p);
u64 filters_job_trouble(const struct filters_job *f);
u64 control_job_trouble(const struct control_job *c);

/* A row as a message, and back. */
u64 row_put(struct message_ring *r, const struct trajectory_row *row, const struct stamp *stamp);
struct trajectory_row row_get(const struct message *m, struct stamp *stamp);
