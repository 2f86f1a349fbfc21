// SPDX-License-Identifier: BSD-2-Clause
/* The three rate groups as jobs (jobs.h has the picture and the numbering of messages). */
#include "examples/flight/jobs.h"

#include <string.h>

enum { WORD_RELEASE = 0, WORD_DOUBLES = 1, WORD_TROUBLE = MESSAGE_WORDS - 1 };

/* A message is words; what travels is doubles of the same size, between the words of the stamp. */
static u64 doubles_put(struct message_ring *r, const struct stamp *stamp, const void *doubles,
                       size_t bytes) {
    u64 word[MESSAGE_WORDS] = {[WORD_RELEASE] = stamp->release, [WORD_TROUBLE] = stamp->trouble};
    memcpy(&word[WORD_DOUBLES], doubles, bytes);
    return message_put(r, word, MESSAGE_WORDS);
}

static struct stamp doubles_get(const struct message *m, void *doubles, size_t bytes) {
    memcpy(doubles, &m->word[WORD_DOUBLES], bytes);
    return (struct stamp){.release = m->word[WORD_RELEASE], .trouble = m->word[WORD_TROUBLE]};
}

_Static_assert(sizeof(struct measurements) == 5 * sizeof(u64), "five doubles travel");
_Static_assert(sizeof(struct trajectory_row) == 8 * sizeof(u64), "a row fits into a message");

/* ---- plant ---- */

void plant_job_init(struct plant_job *p, struct message_ring *measured,
                    struct message_ring *commands) {
    struct trim trim = trim_compute(ROSACE_START_ALTITUDE_M, ROSACE_START_AIRSPEED_MS);
    *p = (struct plant_job){.measured = measured, .commands = commands};
    plant_init(&p->plant, &trim);
    commands_init(&p->newest, &trim);
    message_ring_init(measured);
}

/* The commands of the newest control job before this tick; tick 0 has none and flies trimmed. */
static void plant_read_commands(struct plant_job *p) {
    u64 wanted = (p->tick + ROSACE_TICKS_PER_CONTROL - 1) / ROSACE_TICKS_PER_CONTROL;
    struct message m;
    if (wanted == 0) {
        return;
    }
    if (message_read(p->commands, wanted, &m)) {
        (void)doubles_get(&m, &p->newest, sizeof(p->newest));
    } else {
        p->stale++;
    }
}

u64 plant_job_trouble(const struct plant_job *p) {
    return p->stale + p->late;
}

bool plant_job_run(struct plant_job *p, u64 release) {
    plant_read_commands(p);
    struct measurements m = plant_step(&p->plant, &p->newest);
    struct stamp stamp = {.release = release, .trouble = plant_job_trouble(p)};
    (void)doubles_put(p->measured, &stamp, &m, sizeof(m));
    return p->tick++ % ROSACE_TICKS_PER_FILTER == 0;
}

/* ---- filters ---- */

void filters_job_init(struct filters_job *f, struct message_ring *measured,
                      struct message_ring *filtered) {
    *f = (struct filters_job){.measured = measured, .filtered = filtered};
    message_reader_init(&f->reader);
    filters_init(&f->filters);
    message_ring_init(filtered);
}

bool filters_job_take(struct filters_job *f, struct job *job) {
    struct message m;
    while (message_take(&f->reader, f->measured, &m)) { // ends at the newest: at most a whole ring
        job->tick = m.sequence - 1;
        struct stamp stamp = doubles_get(&m, &f->input, sizeof(f->input));
        job->release = stamp.release;
        f->upstream = stamp.trouble;
        if (job->tick % ROSACE_TICKS_PER_FILTER == 0) {
            return true;
        }
    }
    return false;
}

u64 filters_job_trouble(const struct filters_job *f) {
    return f->upstream + f->late + f->reader.lost + f->reader.resyncs;
}

bool filters_job_run(struct filters_job *f, const struct job *job) {
    struct measurements filtered = filters_step(&f->filters, &f->input);
    struct stamp stamp = {.release = job->release, .trouble = filters_job_trouble(f)};
    (void)doubles_put(f->filtered, &stamp, &filtered, sizeof(filtered));
    return job->tick % ROSACE_TICKS_PER_CONTROL == 0;
}

/* ---- control ---- */

void control_job_init(struct control_job *c, const struct level_change *flight,
                      struct message_ring *filtered, struct message_ring *measured,
                      struct message_ring *commands) {
    struct trim trim = trim_compute(ROSACE_START_ALTITUDE_M, ROSACE_START_AIRSPEED_MS);
    *c = (struct control_job){
        .filtered = filtered, .measured = measured, .commands = commands, .flight = flight};
    message_reader_init(&c->reader);
    control_init(&c->control, &trim);
    message_ring_init(commands);
}

bool control_job_take(struct control_job *c, struct job *job) {
    struct message m;
    while (message_take(&c->reader, c->filtered, &m)) { // ends at the newest: at most a whole ring
        job->tick = (m.sequence - 1) * ROSACE_TICKS_PER_FILTER;
        struct stamp stamp = doubles_get(&m, &c->input, sizeof(c->input));
        job->release = stamp.release;
        c->upstream = stamp.trouble;
        if (job->tick % ROSACE_TICKS_PER_CONTROL == 0) {
            return true;
        }
    }
    return false;
}

u64 control_job_trouble(const struct control_job *c) {
    return c->upstream + c->late + c->missing + c->reader.lost + c->reader.resyncs;
}

struct trajectory_row control_job_run(struct control_job *c, const struct job *job) {
    struct setpoint s = level_change_at(c->flight, (double)job->tick / ROSACE_PLANT_HZ);
    struct trajectory_row row = {.tick = job->tick};
    row.commands = control_step(&c->control, &c->input, &s);
    struct stamp stamp = {.release = job->release, .trouble = control_job_trouble(c)};
    (void)doubles_put(c->commands, &stamp, &row.commands, sizeof(row.commands));
    struct message m;
    if (message_read(c->measured, job->tick + 1, &m)) {
        (void)doubles_get(&m, &row.measured, sizeof(row.measured));
    } else {
        c->missing++;
    }
    return row;
}

/* ---- rows ---- */

u64 row_put(struct message_ring *r, const struct trajectory_row *row, const struct stamp *stamp) {
    return doubles_put(r, stamp, row, sizeof(*row));
}

struct trajectory_row row_get(const struct message *m, struct stamp *stamp) {
    struct trajectory_row row;
    *stamp = doubles_get(m, &row, sizeof(row));
    return row;
}
