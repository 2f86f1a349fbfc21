// SPDX-License-Identifier: BSD-2-Clause
/*
 * The formatter: one pass over the format, one output that drops what does not fit. See lib/format.h.
 */
#include "lib/format.h"

#include "lib/bound.h"

#define FORMAT_MAX 4096 /* bytes of format text and of any one string */

struct output {
    char *at;
    char *end; /* where the final zero goes at the latest */
};

/* One conversion, as written between the per cent sign and its letter. */
struct conversion {
    unsigned width;
    unsigned precision; /* of strings: at most so many bytes */
    bool zeros;
    bool left;
    bool is_long;
};

static void put(struct output *out, char c) {
    if (out->at < out->end) {
        *out->at++ = c;
    }
}

static void put_padding(struct output *out, unsigned from, unsigned to, char c) {
    BOUND(format_padding, 255);
    for (unsigned i = from; i < to; i++) {
        BOUND_STEP(format_padding);
        put(out, c);
    }
}

static void put_field(struct output *out, const char *text, unsigned length,
                      const struct conversion *conversion) {
    if (!conversion->left) {
        put_padding(out, length, conversion->width, ' ');
    }
    BOUND(format_field, FORMAT_MAX);
    for (unsigned i = 0; i < length; i++) {
        BOUND_STEP(format_field);
        put(out, text[i]);
    }
    if (conversion->left) {
        put_padding(out, length, conversion->width, ' ');
    }
}

static void put_string(struct output *out, const char *text, const struct conversion *conversion) {
    unsigned length = 0;

    BOUND(format_string, FORMAT_MAX);
    while (length < conversion->precision && text[length] != '\0') {
        BOUND_STEP(format_string);
        length++;
    }
    put_field(out, text, length, conversion);
}

static void put_number(struct output *out, u64 value, unsigned base, bool negative,
                       struct conversion *conversion) {
    char digits[24];
    unsigned first = sizeof(digits);

    BOUND(format_digits, 20);
    do {
        BOUND_STEP(format_digits);
        digits[--first] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    if (conversion->zeros) {
        unsigned length = (unsigned)sizeof(digits) - first + negative;

        if (negative) {
            put(out, '-');
        }
        put_padding(out, length, conversion->width, '0');
        conversion->width = 0;
    } else if (negative) {
        digits[--first] = '-';
    }
    put_field(out, digits + first, (unsigned)sizeof(digits) - first, conversion);
}

static unsigned read_number(const char **format) {
    unsigned value = 0;

    BOUND(format_width, 3);
    while (**format >= '0' && **format <= '9' && value < 100) {
        BOUND_STEP(format_width);
        value = value * 10 + (unsigned)(*(*format)++ - '0');
    }
    return value < 256 ? value : 255;
}

/* Leaves *format at the conversion's letter. */
static struct conversion read_conversion(const char **format) {
    struct conversion c = {.precision = FORMAT_MAX};

    if (**format == '-') {
        c.left = true;
        ++*format;
    }
    if (**format == '0') {
        c.zeros = true;
        ++*format;
    }
    c.width = read_number(format);
    if (**format == '.') {
        ++*format;
        c.precision = read_number(format);
    }
    BOUND(format_long, 2);
    while (**format == 'l') {
        BOUND_STEP(format_long);
        c.is_long = true;
        ++*format;
    }
    return c;
}

/* va_list may be an array type, which a function cannot take by address portably: hence the struct. */
struct arguments {
    va_list list;
};

static u64 next_unsigned(struct arguments *arguments, bool is_long) {
    return is_long ? va_arg(arguments->list, u64) : va_arg(arguments->list, unsigned);
}

static s64 next_signed(struct arguments *arguments, bool is_long) {
    return is_long ? va_arg(arguments->list, s64) : va_arg(arguments->list, int);
}

static void put_signed(struct output *out, s64 value, struct conversion *conversion) {
    u64 magnitude = value < 0 ? 0 - (u64)value : (u64)value;

    put_number(out, magnitude, 10, value < 0, conversion);
}

static void put_conversion(struct output *out, char letter, struct conversion *c,
                           struct arguments *arguments) {
    if (letter == 's') {
        put_string(out, va_arg(arguments->list, const char *), c);
    } else if (letter == 'c') {
        put(out, (char)va_arg(arguments->list, int));
    } else if (letter == 'd') {
        put_signed(out, next_signed(arguments, c->is_long), c);
    } else if (letter == 'u') {
        put_number(out, next_unsigned(arguments, c->is_long), 10, false, c);
    } else if (letter == 'x') {
        put_number(out, next_unsigned(arguments, c->is_long), 16, false, c);
    } else if (letter == 'p') {
        put(out, '0');
        put(out, 'x');
        put_number(out, (u64)(uintptr_t)va_arg(arguments->list, void *), 16, false, c);
    } else {
        put(out, '%');
        if (letter != '%') {
            put(out, letter);
        }
    }
}

u64 format_text_list(char *buffer, u64 size, const char *format, va_list list) {
    if (size == 0) {
        return 0;
    }
    struct output out = {buffer, buffer + size - 1};
    struct arguments arguments;

    va_copy(arguments.list, list);
    BOUND(format_text, FORMAT_MAX);
    while (*format != '\0') {
        BOUND_STEP(format_text);
        char c = *format++;
        if (c != '%') {
            put(&out, c);
            continue;
        }
        struct conversion conversion = read_conversion(&format);
        if (*format == '\0') {
            break;
        }
        put_conversion(&out, *format++, &conversion, &arguments);
    }
    va_end(arguments.list);
    *out.at = '\0';
    return (u64)(out.at - buffer);
}

u64 format_text(char *buffer, u64 size, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    u64 length = format_text_list(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}
