// SPDX-License-Identifier: BSD-2-Clause
// The collector of diagnostics. Order of printing: file, line, column, then order of finding.
#include "tools/diag.h"

#include <stdlib.h>
#include <string.h>

struct note {
    struct note *next;
    struct place at;
    const char *text;
};

struct diag {
    struct arena *arena;
    struct diag *next;
    enum severity severity;
    enum code code;
    struct place at;
    const char *text;
    struct note *notes;
    struct note **notes_end;
    const char *help;
    unsigned ordinal; // order of finding: what keeps the sort stable
};

struct diagnostics {
    struct arena *arena;
    struct diag *first;
    struct diag **end;
    unsigned count;
    unsigned errors;
};

struct diagnostics *diagnostics_new(struct arena *arena) {
    struct diagnostics *all = ARENA_NEW(arena, struct diagnostics);
    all->arena = arena;
    all->end = &all->first;
    return all;
}

static struct diag *diag_add(struct diagnostics *all, enum severity severity, enum code code,
                             struct place at, const char *text) {
    struct diag *diag = ARENA_NEW(all->arena, struct diag);
    *diag = (struct diag){.arena = all->arena,
                          .severity = severity,
                          .code = code,
                          .at = at,
                          .text = text,
                          .ordinal = all->count++};
    diag->notes_end = &diag->notes;
    *all->end = diag;
    all->end = &diag->next;
    all->errors += severity == SEVERITY_ERROR;
    return diag;
}

struct diag *diag_error(struct diagnostics *all, enum code code, struct place at,
                        const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(all->arena, format, args);
    va_end(args);
    return diag_add(all, SEVERITY_ERROR, code, at, text);
}

struct diag *diag_warning(struct diagnostics *all, enum code code, struct place at,
                          const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(all->arena, format, args);
    va_end(args);
    return diag_add(all, SEVERITY_WARNING, code, at, text);
}

void diag_note(struct diag *diag, struct place at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct note *note = ARENA_NEW(diag->arena, struct note);
    note->at = at;
    note->text = arena_vprintf(diag->arena, format, args);
    va_end(args);
    *diag->notes_end = note;
    diag->notes_end = &note->next;
}

void diag_help(struct diag *diag, const char *format, ...) {
    va_list args;
    va_start(args, format);
    diag->help = arena_vprintf(diag->arena, format, args);
    va_end(args);
}

unsigned diagnostics_errors(const struct diagnostics *all) {
    return all->errors;
}

static int place_compare(struct place a, struct place b) {
    int files = strcmp(a.file, b.file);
    if (files) {
        return files;
    }
    if (a.line != b.line) {
        return a.line < b.line ? -1 : 1;
    }
    return (a.column > b.column) - (a.column < b.column);
}

bool diagnostics_has(const struct diagnostics *all, enum code code, struct place at) {
    for (const struct diag *diag = all->first; diag; diag = diag->next) {
        if (diag->code == code && !place_compare(diag->at, at)) {
            return true;
        }
    }
    return false;
}

static int diag_compare(const void *left, const void *right) {
    const struct diag *a = *(const struct diag *const *)left;
    const struct diag *b = *(const struct diag *const *)right;
    int places = place_compare(a->at, b->at);
    return places ? places : (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

static void place_print(struct place at, FILE *out) {
    if (at.line) {
        fprintf(out, "%s:%u:%u: ", at.file, at.line, at.column);
    } else {
        fprintf(out, "%s: ", at.file);
    }
}

static void diag_print(const struct diag *diag, FILE *out) {
    place_print(diag->at, out);
    fprintf(out, "%s: %s [%s]\n", diag->severity == SEVERITY_ERROR ? "error" : "warning",
            diag->text, code_name(diag->code));
    for (const struct note *note = diag->notes; note; note = note->next) {
        place_print(note->at, out);
        fprintf(out, "note: %s\n", note->text);
    }
    if (diag->help) {
        fprintf(out, "  help: %s\n", diag->help);
    }
}

void diagnostics_print(struct diagnostics *all, FILE *out) {
    const struct diag **sorted = ARENA_ARRAY(all->arena, const struct diag *, all->count + 1);
    unsigned count = 0;
    for (const struct diag *diag = all->first; diag; diag = diag->next) {
        sorted[count++] = diag;
    }
    qsort(sorted, count, sizeof(sorted[0]), diag_compare);
    for (unsigned i = 0; i < count; i++) {
        diag_print(sorted[i], out);
    }
    if (all->errors) {
        fprintf(out, "%u error%s; `skerry explain CODE` says more about a code in brackets\n",
                all->errors, all->errors == 1 ? "" : "s");
    }
}
