// SPDX-License-Identifier: BSD-2-Clause
// Rules about the console program (user/console): that there is one, one only, on the first core, and that it
// has the registers of a serial port. A system that breaks one of them boots, and is never heard of again.
#include <string.h>

#include "tools/check.h"
#include "tools/image.h"
#include "tools/machine.h"
#include "tools/place.h"

#define UART_VARIABLE "console_uart"
#define UART_MODEL    "ns16550a"
#define CONSOLE_RINGS 64u // user/console/console.h

static bool is_console(const struct domain *domain) {
    u64 address, bytes;
    return domain->image && image_symbol(domain->image, "console_rings", &address, &bytes);
}

// The mapping whose address the console program takes for its serial port's.
static const struct mapping *uart_mapping(const struct system *system,
                                          const struct domain *console) {
    for (unsigned i = 0; i < system->mapping_count; i++) {
        const struct mapping *mapping = &system->mappings[i];
        const char *variable = node_text(mapping->node, ATTRIBUTE_SETVAR_VADDR);
        if (mapping->domain == console && variable && !strcmp(variable, UART_VARIABLE)) {
            return mapping;
        }
    }
    return NULL;
}

static void check_uart(struct diagnostics *diags, const struct system *system,
                       const struct domain *console) {
    const struct mapping *mapping = uart_mapping(system, console);
    if (!mapping) {
        struct diag *diag = diag_error(diags, SK027, console->node->at,
                                       "the console program \"%s\" has no serial port",
                                       console->name ? console->name : "?");
        diag_help(diag, "<map mr=\"DEVICE\" vaddr=\"0x10000000\" perms=\"rw\" "
                        "setvar_vaddr=\"" UART_VARIABLE "\"/> in it");
        return;
    }
    const struct value *perms = node_value(mapping->node, ATTRIBUTE_PERMS);
    if (perms->valid && !(mapping->perms & PERM_WRITE)) {
        struct diag *diag = diag_error(diags, SK027, perms->given ? perms->at : mapping->node->at,
                                       "the console program cannot write its serial port");
        diag_help(diag, "use perms=\"rw\"");
    }
    if (mapping->device && mapping->device->found &&
        !machine_compatible(&system->machine, mapping->device, UART_MODEL)) {
        struct diag *diag = diag_error(diags, SK027, node_value(mapping->node, ATTRIBUTE_MR)->at,
                                       "%s is no serial port that the console program knows",
                                       mapping->device->path);
        diag_note(diag, mapping->device->node->at, "the device is declared here");
        diag_help(diag, "it knows \"" UART_MODEL "\": see `skerry show --devices`");
    }
}

// Programs that would print rings they were never given.
static void check_only_console(struct diagnostics *diags, const struct system *system,
                               const struct domain *console) {
    const struct core *platform = &system->cores[0];
    for (unsigned i = 0; i < system->domain_count; i++) {
        const struct domain *domain = &system->domains[i];
        if (domain == console || !is_console(domain)) {
            continue;
        }
        struct diag *diag =
            domain->core == platform
                ? diag_error(diags, SK027, domain->node->at, "\"%s\" is a second console program",
                             domain->name ? domain->name : "?")
                : diag_error(diags, SK027, domain->node->at,
                             "the console program \"%s\" is not on the first core",
                             domain->name ? domain->name : "?");
        if (domain->core == platform) {
            diag_note(diag, console->node->at, "the first one");
        } else {
            diag_note(diag, platform->at, "the first core is this one");
        }
        diag_help(diag, "every other domain prints by its ring: printf, microkit_dbg_puts");
    }
}

// The console program has room for so many pages.
static void check_rings(struct diagnostics *diags, const struct system *system,
                        const struct domain *console) {
    unsigned rings = 2 * system->core_count + system->domain_count;
    if (rings > CONSOLE_RINGS) {
        struct diag *diag = diag_error(diags, SK017, console->node->at,
                                       "the console program reads %u rings, this system has %u",
                                       CONSOLE_RINGS, rings);
        diag_help(diag, "two for each core and one for each protection domain");
    }
}

// Whether a program that might be the console could not be read: then nobody knows that there is none.
static bool images_known(const struct system *system) {
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (!system->domains[i].image) {
            return false;
        }
    }
    return system->document->complete;
}

void check_console(struct diagnostics *diags, const struct system *system) {
    const struct domain *console = console_domain(system);
    if (console) {
        check_uart(diags, system, console);
        check_rings(diags, system, console);
    } else if (system->console && system->core_count && images_known(system)) {
        const struct core *platform = &system->cores[0];
        struct diag *diag =
            diag_error(diags, SK026, platform->at,
                       "core \"%s\" has no console program, so nobody would print a line",
                       platform->name ? platform->name : "?");
        diag_help(diag, "add one as examples/hello does, or say console=\"off\" in <system>");
    }
    check_only_console(diags, system, console);
}
