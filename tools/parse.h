// SPDX-License-Identifier: BSD-2-Clause
// From text to checked nodes.
//
// Reads a system file with expat and holds every element and attribute against the table
// (tools/elements.h): unknown, misplaced, repeated and missing ones, and values of the wrong kind or out
// of range, are reported where they stand. What is left is a list of nodes in the order of the file, a
// parent always before its children. The outermost element says which dialect it is. Values that were reported are not `valid`; later checks skip them
// silently, so that one mistake gives one message.
#pragma once

#include "tools/diag.h"
#include "tools/elements.h"

#define DOCUMENT_MAX_BYTES (1u << 20)
#define DOCUMENT_MAX_NODES 4096
#define DOCUMENT_MAX_DEPTH 16

struct value {
    bool given;       // it stands in the file
    bool valid;       // given and right, or the table's fallback
    struct place at;  // of the value, inside its quotes; of the element if not given
    const char *text; // as written
    u64 number;       // meaning depends on the type (tools/elements.h)
};

struct node {
    const struct element *element;
    enum dialect dialect;
    struct node *parent;  // NULL for the root
    struct place at;      // of its '<'
    struct value *values; // one per attribute of the element, in the table's order
};

struct document {
    const char *path;
    enum dialect dialect;
    struct node *nodes;
    unsigned count; // 0: not even the root could be read
    bool complete;  // well-formed to the end: absence of something means something
};

struct document *document_parse(struct arena *arena, struct diagnostics *diags, const char *path,
                                const char *text, size_t bytes);

// Reads the file and parses it; NULL (and SK002 reported) if it cannot be read.
struct document *document_read(struct arena *arena, struct diagnostics *diags, const char *path);

// The value of an attribute, never NULL; valid is false if the table gives the element no such attribute.
const struct value *node_value(const struct node *node, enum attribute_id id);

// Adds the nodes of a text of the tool's own, which is written in our dialect, as if they stood in the
// file. What was outermost in it, and the cores, stay behind as parents only.
void document_add(struct arena *arena, struct diagnostics *diags, struct document *document,
                  const char *name, const char *text);

// Text or number of a valid value; NULL or 0 otherwise.
const char *node_text(const struct node *node, enum attribute_id id);
u64 node_number(const struct node *node, enum attribute_id id);
