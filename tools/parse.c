// SPDX-License-Identifier: BSD-2-Clause
// The parser. expat tells what comes next; places of attributes, which expat does not tell, are found by
// walking the tag's own text again (it is well-formed by then). Document types are refused, so there are
// no entities of the file's own making, and no way to make a small file large.
//
// expat stops at a repeated attribute, but the rest of the file deserves its checks too: a first pass
// finds and reports repetitions and blanks them out in a copy of the text; the second pass does the rest.
#include "tools/parse.h"

#include <errno.h>
#include <expat.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/suggest.h"
#include "tools/units.h"

#define MAX_REPEATED         64 // repeated attributes reported in one run
#define DOCUMENT_ADDED_NODES 16 // room for document_add

struct parser {
    struct arena *arena;
    struct diagnostics *diags;
    struct document *document;
    XML_Parser expat;
    char *text;
    size_t bytes;
    unsigned *line_start; // offset of each line
    unsigned lines;
    struct node *open[DOCUMENT_MAX_DEPTH];
    unsigned depth;
    unsigned skipping; // depth inside an element that was refused
    bool stopped;
    bool cut; // elements were refused for their number: what a parent lacks may be among them
};

/* ---- Places ------------------------------------------------------------------------------------ */

static void lines_find(struct parser *parser) {
    unsigned lines = 1;
    for (size_t i = 0; i < parser->bytes; i++) {
        lines += parser->text[i] == '\n';
    }
    parser->line_start = ARENA_ARRAY(parser->arena, unsigned, lines);
    parser->lines = 1;
    for (size_t i = 0; i < parser->bytes; i++) {
        if (parser->text[i] == '\n') {
            parser->line_start[parser->lines++] = (unsigned)i + 1;
        }
    }
}

static struct place place_of(const struct parser *parser, size_t offset) {
    unsigned low = 0, high = parser->lines;
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        *(parser->line_start[middle] <= offset ? &low : &high) = middle;
    }
    unsigned column = 1;
    for (size_t i = parser->line_start[low]; i < offset; i++) {
        column +=
            ((unsigned char)parser->text[i] & 0xc0) != 0x80; // continuation bytes have no column
    }
    return (struct place){parser->document->path, low + 1, column};
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// One attribute as it stands in the text: [name, name_end) = quote [value, value_end) quote.
struct span {
    size_t name, name_end, value, value_end;
};

// Finds the next attribute at or after `at` within a tag; false at the tag's end.
static bool span_next(const struct parser *parser, size_t at, struct span *span) {
    const char *text = parser->text;
    size_t end = parser->bytes;
    while (at < end && is_space(text[at])) {
        at++;
    }
    span->name = at;
    while (at < end && !is_space(text[at]) && text[at] != '=' && text[at] != '>' &&
           text[at] != '/') {
        at++;
    }
    span->name_end = at;
    while (at < end && text[at] != '"' && text[at] != '\'' && text[at] != '>') {
        at++;
    }
    if (span->name == span->name_end || at >= end || text[at] == '>') {
        return false;
    }
    char quote = text[at++];
    span->value = at;
    while (at < end && text[at] != quote) {
        at++;
    }
    span->value_end = at;
    return at < end;
}

static size_t tag_name_end(const struct parser *parser, size_t tag) {
    size_t at = tag + 1;
    while (at < parser->bytes && !is_space(parser->text[at]) && parser->text[at] != '>' &&
           parser->text[at] != '/') {
        at++;
    }
    return at;
}

/* ---- Repeated attributes: the first pass ------------------------------------------------------- */

static bool span_same_name(const struct parser *parser, const struct span *a,
                           const struct span *b) {
    return a->name_end - a->name == b->name_end - b->name &&
           !memcmp(parser->text + a->name, parser->text + b->name, a->name_end - a->name);
}

// Reports the attribute at `offset`, which repeats an earlier one of its tag, and blanks it out.
static bool repeated_attribute_remove(struct parser *parser, size_t offset) {
    size_t tag = offset;
    while (tag > 0 && parser->text[tag] != '<') {
        tag--;
    }
    struct span second, first;
    if (!span_next(parser, offset, &second)) {
        return false;
    }
    size_t at = tag_name_end(parser, tag);
    while (span_next(parser, at, &first) && first.name < second.name) {
        if (span_same_name(parser, &first, &second)) {
            int length = (int)(first.name_end - first.name);
            struct diag *diag =
                diag_error(parser->diags, SK007, place_of(parser, second.name),
                           "attribute \"%.*s\" is given twice", length, parser->text + first.name);
            diag_note(diag, place_of(parser, first.name), "first given here");
            for (size_t i = second.name; i <= second.value_end; i++) {
                parser->text[i] = parser->text[i] == '\n' ? '\n' : ' ';
            }
            return true;
        }
        at = first.value_end + 1;
    }
    return false;
}

static void repeated_attributes_remove(struct parser *parser) {
    for (unsigned i = 0; i < MAX_REPEATED; i++) {
        XML_Parser expat = XML_ParserCreate("UTF-8");
        enum XML_Status status = XML_Parse(expat, parser->text, (int)parser->bytes, 1);
        enum XML_Error error = XML_GetErrorCode(expat);
        XML_Index offset = XML_GetCurrentByteIndex(expat);
        XML_ParserFree(expat);
        if (status == XML_STATUS_OK || error != XML_ERROR_DUPLICATE_ATTRIBUTE || offset < 0 ||
            !repeated_attribute_remove(parser, (size_t)offset)) {
            return;
        }
    }
}

/* ---- Values ------------------------------------------------------------------------------------ */

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool name_characters_ok(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (!is_letter(text[i]) && !is_digit(text[i]) && !strchr("_-.", text[i])) {
            return false;
        }
    }
    return true;
}

static bool name_ok(const char *text, size_t length) {
    return length && length <= 31 && is_letter(text[0]) && name_characters_ok(text, length);
}

// Microkit's names are longer; what its programs see of them has room for 63 (microkit_name).
static bool microkit_name_ok(const char *text, size_t length) {
    return length && length <= 63 && name_characters_ok(text, length);
}

static bool names_ok(const char *text) {
    unsigned names = 0;
    while (*text) {
        size_t spaces = strspn(text, " "), length = strcspn(text + spaces, " ");
        text += spaces + length;
        if (length && !name_ok(text - length, length)) {
            return false;
        }
        names += length > 0;
    }
    return names > 0;
}

static bool symbol_ok(const char *text) {
    if (!is_letter(*text) && *text != '_') {
        return false;
    }
    for (; *text; text++) {
        if (!is_letter(*text) && !is_digit(*text) && *text != '_') {
            return false;
        }
    }
    return true;
}

static bool perms_read(const char *text, u64 *mask) {
    *mask = 0;
    for (; *text; text++) {
        u64 bit = *text == 'r'   ? PERM_READ
                  : *text == 'w' ? PERM_WRITE
                  : *text == 'x' ? PERM_EXECUTE
                                 : 0;
        if (!bit || (*mask & bit)) {
            return false;
        }
        *mask |= bit;
    }
    return *mask != 0;
}

static bool word_read(const char *text, const char *const *words, u64 *index) {
    for (*index = 0; words[*index]; ++*index) {
        if (!strcmp(text, words[*index])) {
            return true;
        }
    }
    return false;
}

static char *words_list(struct arena *arena, const char *const *words) {
    char *list = arena_printf(arena, "%s", words[0]);
    for (unsigned i = 1; words[i]; i++) {
        list = arena_printf(arena, "%s%s%s", list, words[i + 1] ? ", " : " or ", words[i]);
    }
    return list;
}

// Microkit's numbers have no units: bytes, and microseconds.
static enum unit_result microkit_number_read(const char *text, enum value_type type, u64 *number) {
    enum unit_result result = units_plain(text, number);
    if (result == UNIT_OK && type == VALUE_TIME) {
        return __builtin_mul_overflow(*number, 1000, number) ? UNIT_TOO_LARGE : UNIT_OK;
    }
    return result;
}

static enum unit_result number_read(const char *text, enum value_type type, enum dialect dialect,
                                    u64 *number) {
    if (dialect == DIALECT_MICROKIT) {
        return microkit_number_read(text, type, number);
    }
    switch (type) {
    case VALUE_BYTES:
        return units_bytes(text, number);
    case VALUE_TIME:
        return units_time_ns(text, number);
    case VALUE_RATE:
        return units_rate(text, number);
    default:
        return units_integer(text, number);
    }
}

static bool is_number(enum value_type type) {
    return type == VALUE_INTEGER || type == VALUE_BYTES || type == VALUE_ADDRESS ||
           type == VALUE_TIME || type == VALUE_RATE;
}

// A limit as a person would write it.
static char *limit_show(struct arena *arena, enum value_type type, enum dialect dialect,
                        u64 limit) {
    if (dialect == DIALECT_MICROKIT && type == VALUE_TIME) {
        return arena_printf(arena, "%" PRIu64, limit / 1000);
    }
    if (dialect == DIALECT_MICROKIT && type == VALUE_BYTES) {
        return arena_printf(arena, "0x%" PRIx64, limit);
    }
    switch (type) {
    case VALUE_BYTES:
        return units_show_bytes(arena, limit);
    case VALUE_TIME:
        return units_show_time_ns(arena, limit);
    case VALUE_RATE:
        return arena_printf(arena, "%" PRIu64 "/s", limit);
    case VALUE_ADDRESS:
        return arena_printf(arena, "0x%" PRIx64, limit);
    default:
        return arena_printf(arena, "%" PRIu64, limit);
    }
}

static void number_unit_help(struct diag *diag, enum value_type type, enum unit_result result,
                             const char *text) {
    static const char *const UNITS[] = {[VALUE_BYTES] = "B, KiB, MiB or GiB",
                                        [VALUE_TIME] = "ns, us, ms or s",
                                        [VALUE_RATE] = "/s"};
    if (result == UNIT_MISSING && type == VALUE_TIME) {
        diag_help(diag, "times carry their unit: \"%sus\" is what Microkit means by \"%s\"", text,
                  text);
    } else if (result == UNIT_MISSING || result == UNIT_UNKNOWN) {
        diag_help(diag, "a whole number and one of the units %s", UNITS[type]);
    }
}

static void microkit_unit_help(struct diag *diag, enum value_type type, const char *text) {
    u64 number;
    if ((type == VALUE_TIME && units_time_ns(text, &number) == UNIT_OK) ||
        (type == VALUE_BYTES && units_bytes(text, &number) == UNIT_OK)) {
        diag_help(diag, "Microkit's numbers carry no unit; ours do, in a <system version=\"1\">");
    }
}

static void version_unknown(struct parser *parser, const struct value *value) {
    struct diag *diag = diag_error(parser->diags, SK013, value->at,
                                   "version \"%s\" of the dialect is not known", value->text);
    diag_help(diag, "this tool knows version 1");
}

static bool number_check(struct parser *parser, const struct attribute *attribute,
                         enum dialect dialect, struct value *value) {
    enum unit_result result = number_read(value->text, attribute->type, dialect, &value->number);
    if (result == UNIT_OK) {
        if ((attribute->minimum || attribute->maximum) &&
            (value->number < attribute->minimum || value->number > attribute->maximum)) {
            if (attribute->id == ATTRIBUTE_VERSION) {
                version_unknown(parser, value);
                return false;
            }
            struct diag *diag =
                diag_error(parser->diags, SK011, value->at, "%s=\"%s\" is out of range",
                           attribute->name, value->text);
            diag_help(diag, "%s is between %s and %s", attribute->name,
                      limit_show(parser->arena, attribute->type, dialect, attribute->minimum),
                      limit_show(parser->arena, attribute->type, dialect, attribute->maximum));
            return false;
        }
        return true;
    }
    const char *why = result == UNIT_MISSING     ? " has no unit"
                      : result == UNIT_UNKNOWN   ? " has a unit that is none"
                      : result == UNIT_TOO_LARGE ? " does not fit 64 bits"
                                                 : "";
    struct diag *diag =
        *why ? diag_error(parser->diags, result == UNIT_TOO_LARGE ? SK011 : SK010, value->at,
                          "%s=\"%s\"%s", attribute->name, value->text, why)
             : diag_error(parser->diags, SK010, value->at, "%s=\"%s\" is not %s", attribute->name,
                          value->text, value_type_about(attribute->type, dialect));
    if (dialect == DIALECT_MICROKIT) {
        microkit_unit_help(diag, attribute->type, value->text);
    } else {
        number_unit_help(diag, attribute->type, result, value->text);
    }
    return false;
}

static bool word_check(struct parser *parser, const struct attribute *attribute,
                       struct value *value) {
    if (word_read(value->text, attribute->words, &value->number)) {
        return true;
    }
    struct suggestion suggestion = suggest_begin(value->text);
    for (unsigned i = 0; attribute->words[i]; i++) {
        suggest_offer(&suggestion, attribute->words[i]);
    }
    struct diag *diag =
        diag_error(parser->diags, SK010, value->at, "%s=\"%s\" is not one of its words",
                   attribute->name, value->text);
    const char *list = words_list(parser->arena, attribute->words);
    if (suggestion.nearest) {
        diag_help(diag, "did you mean \"%s\"? (%s)", suggestion.nearest, list);
    } else {
        diag_help(diag, "one of %s", list);
    }
    return false;
}

static bool value_check(struct parser *parser, const struct attribute *attribute,
                        enum dialect dialect, struct value *value) {
    static const char *const BOOLEANS[] = {"false", "true", NULL};
    const char *text = value->text;
    if (is_number(attribute->type)) {
        return number_check(parser, attribute, dialect, value);
    }
    if (attribute->type == VALUE_WORD) {
        return word_check(parser, attribute, value);
    }
    bool microkit = dialect == DIALECT_MICROKIT;
    bool right = attribute->type == VALUE_NAME
                     ? (microkit ? microkit_name_ok : name_ok)(text, strlen(text))
                 : attribute->type == VALUE_NAMES   ? names_ok(text)
                 : attribute->type == VALUE_BOOLEAN ? word_read(text, BOOLEANS, &value->number)
                 : attribute->type == VALUE_PERMS   ? perms_read(text, &value->number)
                 : attribute->type == VALUE_SYMBOL  ? symbol_ok(text)
                 : attribute->type == VALUE_NODE    ? text[0] == '/'
                                                    : text[0] != 0;
    if (!right) {
        struct diag *diag =
            diag_error(parser->diags, SK010, value->at, "%s=\"%s\" is not %s", attribute->name,
                       text, value_type_about(attribute->type, dialect));
        if (attribute->type == VALUE_NAME || attribute->type == VALUE_NAMES) {
            diag_help(diag,
                      microkit
                          ? "a name is up to 63 letters, digits, '_', '-', '.'"
                          : "a name is up to 31 letters, digits, '_', '-', '.', a letter first");
        }
    }
    return right;
}

/* ---- Elements ---------------------------------------------------------------------------------- */

static const char *dialect_name(enum dialect dialect) {
    return dialect == DIALECT_MICROKIT ? "Microkit's" : "version 1";
}

static void other_dialect_help(struct diag *diag, enum dialect dialect) {
    diag_help(diag,
              dialect == DIALECT_MICROKIT
                  ? "without version= a file is Microkit's; ours begin <system version=\"1\" …>"
                  : "with version=\"1\" a file is ours; Microkit's begin <system>");
}

static void unknown_attribute(struct parser *parser, const struct element *element,
                              const char *name, struct place at) {
    enum dialect dialect = parser->document->dialect;
    if (attribute_by_name(element, name, 1 - dialect)) {
        struct diag *diag =
            diag_error(parser->diags, SK006, at, "<%s> has no attribute \"%s\" in %s files",
                       element->name, name, dialect_name(dialect));
        other_dialect_help(diag, dialect);
        return;
    }
    struct suggestion suggestion = suggest_begin(name);
    for (unsigned i = 0; i < element->attribute_count; i++) {
        if (attribute_in(&element->attributes[i], dialect)) {
            suggest_offer(&suggestion, element->attributes[i].name);
        }
    }
    struct diag *diag =
        diag_error(parser->diags, SK006, at, "<%s> has no attribute \"%s\"", element->name, name);
    if (suggestion.nearest) {
        diag_help(diag, "did you mean \"%s\"?", suggestion.nearest);
        return;
    }
    char *list = NULL;
    for (unsigned i = 0; i < element->attribute_count; i++) {
        const struct attribute *attribute = &element->attributes[i];
        if (attribute->need != NEED_UNSUPPORTED && attribute_in(attribute, dialect)) {
            list = arena_printf(parser->arena, "%s %s", list ? list : "its attributes are",
                                attribute->name);
        }
    }
    diag_help(diag, "%s", list ? list : "it has none");
}

static void attribute_take(struct parser *parser, struct node *node, const char *name,
                           const char *text, const struct span *span) {
    const struct attribute *attribute = attribute_by_name(node->element, name, node->dialect);
    if (!attribute) {
        unknown_attribute(parser, node->element, name, place_of(parser, span->name));
        return;
    }
    if (attribute->need == NEED_UNSUPPORTED) {
        struct diag *diag =
            diag_error(parser->diags, SK012, place_of(parser, span->name),
                       "attribute \"%s\" of <%s> is not supported", name, node->element->name);
        diag_help(diag, "%s", attribute->about);
        return;
    }
    struct value *value = &node->values[attribute - node->element->attributes];
    value->given = true;
    value->at = place_of(parser, span->value);
    value->text = arena_copy(parser->arena, text, strlen(text));
    value->valid = value_check(parser, attribute, node->dialect, value);
}

// What was not given: an error if the dialect requires it, the table's fallback otherwise.
static void attributes_complete(struct parser *parser, struct node *node) {
    for (unsigned i = 0; i < node->element->attribute_count; i++) {
        const struct attribute *attribute = &node->element->attributes[i];
        struct value *value = &node->values[i];
        if (value->given) {
            continue;
        }
        value->at = node->at;
        if (attribute->need == NEED_REQUIRED && attribute_in(attribute, node->dialect)) {
            struct diag *diag =
                diag_error(parser->diags, SK008, node->at, "<%s> needs the attribute \"%s\"",
                           node->element->name, attribute->name);
            diag_help(diag, "%s=\"…\": %s", attribute->name,
                      value_type_about(attribute->type, node->dialect));
        } else if (attribute->fallback) {
            value->text = attribute->fallback; // written as in our dialect
            value->valid = value_check(parser, attribute, DIALECT_SKERRY, value);
        }
    }
}

static void unknown_element(struct parser *parser, const char *name, struct place at) {
    struct suggestion suggestion = suggest_begin(name);
    for (unsigned i = 0; i < ELEMENTS; i++) {
        if (element_in(&ELEMENT_TABLE[i], parser->document->dialect)) {
            suggest_offer(&suggestion, ELEMENT_TABLE[i].name);
        }
    }
    struct diag *diag = diag_error(parser->diags, SK003, at, "there is no element <%s>", name);
    if (suggestion.nearest) {
        diag_help(diag, "did you mean <%s>?", suggestion.nearest);
    }
}

static void misplaced_element(struct parser *parser, const struct element *element,
                              const struct node *parent, struct place at) {
    enum dialect dialect = parser->document->dialect;
    struct diag *diag;
    if (parent && !element_in(element, dialect)) {
        diag = diag_error(parser->diags, SK004, at, "<%s> does not belong into %s files",
                          element->name, dialect_name(dialect));
        other_dialect_help(diag, dialect);
        return;
    }
    if (element->id == ELEMENT_SYSTEM) {
        diag = diag_error(parser->diags, SK004, at, "<%s> must be the outermost element",
                          element->name);
        diag_help(diag, "one file describes one system");
        return;
    }
    diag = parent ? diag_error(parser->diags, SK004, at, "<%s> does not belong inside <%s>",
                               element->name, parent->element->name)
                  : diag_error(parser->diags, SK004, at,
                               "the outermost element is <%s>, not <system>", element->name);
    char *list = NULL;
    for (unsigned i = 0; i < ELEMENTS; i++) {
        if (element->parents[dialect] & BIT(i)) {
            list = list ? arena_printf(parser->arena, "%s or <%s>", list, ELEMENT_TABLE[i].name)
                        : arena_printf(parser->arena, "<%s>", ELEMENT_TABLE[i].name);
        }
    }
    diag_help(diag, "it stands inside %s", list);
}

// Whether the parent has all it may have of this kind; reports if so.
static bool element_repeated(struct parser *parser, const struct element *element,
                             const struct node *parent, struct place at) {
    unsigned count = 0;
    const struct node *first = NULL;
    const struct document *document = parser->document;
    for (unsigned i = 0; i < document->count && element->most; i++) {
        if (document->nodes[i].parent == parent && document->nodes[i].element == element) {
            first = first ? first : &document->nodes[i];
            count++;
        }
    }
    if (!element->most || count < element->most) {
        return false;
    }
    struct diag *diag =
        element->most == 1
            ? diag_error(parser->diags, SK005, at, "<%s> stands twice in one <%s>", element->name,
                         parent->element->name)
            : diag_error(parser->diags, SK017, at, "<%s> can contain %u <%s>, not more",
                         parent->element->name, element->most, element->name);
    diag_note(diag, first->at, "the first one is here");
    return true;
}

// Whether the element may stand here at all; reports if not.
static const struct element *element_admit(struct parser *parser, const char *name,
                                           const struct node *parent, struct place at) {
    const struct element *element = element_by_name(name);
    if (!element) {
        unknown_element(parser, name, at);
        return NULL;
    }
    if (parent ? !(element->parents[parser->document->dialect] & BIT(parent->element->id))
               : element->id != ELEMENT_SYSTEM) {
        misplaced_element(parser, element, parent, at);
        return NULL;
    }
    if (element->unsupported) {
        struct diag *diag = diag_error(parser->diags, SK012, at, "<%s> is not supported", name);
        diag_help(diag, "%s", element->unsupported);
        return NULL;
    }
    if (parser->document->count == DOCUMENT_MAX_NODES || parser->depth == DOCUMENT_MAX_DEPTH) {
        if (!parser->cut) {
            diag_error(parser->diags, SK017, at,
                       "too many elements: %u in all, %u deep is the limit", DOCUMENT_MAX_NODES,
                       DOCUMENT_MAX_DEPTH);
        }
        parser->cut = true;
        return NULL;
    }
    return parent && element_repeated(parser, element, parent, at) ? NULL : element;
}

// Microkit's files have no version.
static enum dialect dialect_of(const XML_Char **attributes) {
    for (unsigned i = 0; attributes[i]; i += 2) {
        if (!strcmp(attributes[i], "version")) {
            return DIALECT_SKERRY;
        }
    }
    return DIALECT_MICROKIT;
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes) {
    struct parser *parser = user;
    if (parser->skipping) {
        parser->skipping++;
        return;
    }
    size_t tag = (size_t)XML_GetCurrentByteIndex(parser->expat);
    struct node *parent = parser->depth ? parser->open[parser->depth - 1] : NULL;
    struct place at = place_of(parser, tag);
    const struct element *element = element_admit(parser, name, parent, at);
    if (!element) {
        parser->skipping = 1;
        return;
    }
    if (!parent) {
        parser->document->dialect = dialect_of(attributes);
    }
    struct node *node = &parser->document->nodes[parser->document->count++];
    *node = (struct node){
        .element = element, .dialect = parser->document->dialect, .parent = parent, .at = at};
    node->values = ARENA_ARRAY(parser->arena, struct value, element->attribute_count + 1);
    size_t from = tag_name_end(parser, tag);
    for (unsigned i = 0; attributes[i]; i += 2) {
        struct span span;
        if (!span_next(parser, from, &span)) {
            span = (struct span){tag, tag, tag, tag};
        }
        attribute_take(parser, node, attributes[i], attributes[i + 1], &span);
        from = span.value_end + 1;
    }
    attributes_complete(parser, node);
    parser->open[parser->depth++] = node;
}

// At a closing tag, everything a parent must contain has been seen.
static void children_complete(struct parser *parser, const struct node *parent) {
    for (unsigned i = 0; i < ELEMENTS && !parser->cut; i++) {
        const struct element *element = &ELEMENT_TABLE[i];
        if (!element->least || !(element->parents[parent->dialect] & BIT(parent->element->id))) {
            continue;
        }
        unsigned count = 0;
        for (unsigned j = 0; j < parser->document->count; j++) {
            count += parser->document->nodes[j].parent == parent &&
                     parser->document->nodes[j].element == element;
        }
        if (count < element->least) {
            struct diag *diag = diag_error(parser->diags, SK009, parent->at, "<%s> needs %s<%s>",
                                           parent->element->name,
                                           element->least == 1 ? "a " : "two ", element->name);
            diag_help(diag, "add <%s …/> inside this <%s>", element->name, parent->element->name);
        }
    }
}

static void XMLCALL on_end(void *user, const XML_Char *name) {
    (void)name;
    struct parser *parser = user;
    if (parser->skipping) {
        parser->skipping--;
        return;
    }
    children_complete(parser, parser->open[--parser->depth]);
}

static void XMLCALL on_text(void *user, const XML_Char *text, int length) {
    struct parser *parser = user;
    if (parser->skipping) {
        return;
    }
    for (int i = 0; i < length; i++) {
        if (!is_space(text[i])) {
            size_t offset = (size_t)XML_GetCurrentByteIndex(parser->expat) + (size_t)i;
            struct place at = place_of(parser, offset);
            if (!diagnostics_has(parser->diags, SK016, at)) {
                struct diag *diag = diag_error(parser->diags, SK016, at,
                                               "text between elements means nothing here");
                diag_help(diag,
                          "everything is said in elements and attributes; comments are <!-- … -->");
            }
            return;
        }
    }
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int internal) {
    (void)name, (void)system, (void)public, (void)internal;
    struct parser *parser = user;
    diag_error(parser->diags, SK001,
               place_of(parser, (size_t)XML_GetCurrentByteIndex(parser->expat)),
               "document type declarations are not allowed");
    parser->stopped = true;
    XML_StopParser(parser->expat, XML_FALSE);
}

/* ---- The whole --------------------------------------------------------------------------------- */

// expat's own words for these three are of little help.
static void not_xml(struct parser *parser, enum XML_Error error, struct place at) {
    const struct node *open = parser->depth ? parser->open[parser->depth - 1] : NULL;
    const char *why = error == XML_ERROR_TAG_MISMATCH
                          ? "this closing tag is not that of the open element"
                      : error == XML_ERROR_INVALID_TOKEN ? "a character that cannot stand here"
                      : error == XML_ERROR_NO_ELEMENTS && !open ? "there is no element in it"
                      : error == XML_ERROR_NO_ELEMENTS          ? "the file ends inside an element"
                                                                : XML_ErrorString(error);
    struct diag *diag = diag_error(parser->diags, SK001, at, "not XML from here on: %s", why);
    if (open && !parser->skipping) {
        diag_note(diag, open->at, "<%s> is open since here", open->element->name);
    }
}

static void parser_run(struct parser *parser) {
    XML_Parser expat = XML_ParserCreate("UTF-8");
    parser->expat = expat;
    XML_SetUserData(expat, parser);
    XML_SetElementHandler(expat, on_start, on_end);
    XML_SetCharacterDataHandler(expat, on_text);
    XML_SetStartDoctypeDeclHandler(expat, on_doctype);
    enum XML_Status status = XML_Parse(expat, parser->text, (int)parser->bytes, 1);
    if (status != XML_STATUS_OK && !parser->stopped) {
        XML_Index offset = XML_GetCurrentByteIndex(expat);
        size_t at = offset < 0 || (size_t)offset > parser->bytes ? parser->bytes : (size_t)offset;
        not_xml(parser, XML_GetErrorCode(expat), place_of(parser, at));
    }
    parser->document->complete = status == XML_STATUS_OK;
    XML_ParserFree(expat);
}

struct document *document_parse(struct arena *arena, struct diagnostics *diags, const char *path,
                                const char *text, size_t bytes) {
    struct document *document = ARENA_NEW(arena, struct document);
    document->path = path;
    document->nodes = ARENA_ARRAY(arena, struct node, DOCUMENT_MAX_NODES + DOCUMENT_ADDED_NODES);
    struct parser *parser = ARENA_NEW(arena, struct parser);
    *parser = (struct parser){.arena = arena, .diags = diags, .document = document, .bytes = bytes};
    parser->text = arena_copy(arena, text, bytes);
    lines_find(parser);
    repeated_attributes_remove(parser);
    parser_run(parser);
    return document;
}

struct document *document_read(struct arena *arena, struct diagnostics *diags, const char *path) {
    struct place whole = {path, 0, 0};
    FILE *file = fopen(path, "rb");
    if (!file) {
        diag_error(diags, SK002, whole, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    char *text = arena_alloc(arena, DOCUMENT_MAX_BYTES + 1);
    size_t bytes = fread(text, 1, DOCUMENT_MAX_BYTES + 1, file);
    int error = ferror(file) ? errno : 0;
    fclose(file);
    if (error) {
        diag_error(diags, SK002, whole, "cannot be read: %s", strerror(error));
        return NULL;
    }
    if (bytes > DOCUMENT_MAX_BYTES) {
        diag_error(diags, SK002, whole, "is larger than 1MiB, which no system file is");
        return NULL;
    }
    return document_parse(arena, diags, path, text, bytes);
}

void document_add(struct arena *arena, struct diagnostics *diags, struct document *document,
                  const char *name, const char *text) {
    const struct document *added = document_parse(arena, diags, name, text, strlen(text));
    struct node **moved = ARENA_ARRAY(arena, struct node *, added->count + 1);
    unsigned room = DOCUMENT_MAX_NODES + DOCUMENT_ADDED_NODES - document->count;
    for (unsigned i = 0; i < added->count && room; i++) {
        struct node *node = &added->nodes[i];
        moved[i] = node;
        if (node->element->id == ELEMENT_SYSTEM || node->element->id == ELEMENT_CORE ||
            node->element->id == ELEMENT_MEMORY) {
            continue;
        }
        moved[i] = &document->nodes[document->count++];
        *moved[i] = *node;
        moved[i]->parent = moved[node->parent - added->nodes];
        room--;
    }
}

const struct value *node_value(const struct node *node, enum attribute_id id) {
    static const struct value NOTHING;
    int index = attribute_index(node->element, id, node->dialect);
    return index < 0 ? &NOTHING : &node->values[index];
}

const char *node_text(const struct node *node, enum attribute_id id) {
    const struct value *value = node_value(node, id);
    return value->valid ? value->text : NULL;
}

u64 node_number(const struct node *node, enum attribute_id id) {
    const struct value *value = node_value(node, id);
    return value->valid ? value->number : 0;
}
