// SPDX-License-Identifier: BSD-2-Clause
// Rules that need nothing but the file. Each function is one rule or one kind of thing; each reports all it
// finds and none depends on another having passed.
#include "tools/check.h"

#include <inttypes.h>
#include <string.h>

#include "tools/units.h"

#define PAGE_BYTES       4096u
#define MAX_CORE_DOMAINS 62 // the init task watches no more (user/init/watch.h)
#define DOORBELL_LINES   1024

struct checker {
    struct arena *arena;
    struct diagnostics *diags;
    struct system *system;
};

static struct place value_place(const struct node *node, enum attribute_id id) {
    return node_value(node, id)->at;
}

/* ---- Cores ------------------------------------------------------------------------------------- */

static void check_harts_differ(struct checker *checker) {
    struct system *system = checker->system;
    for (unsigned i = 0; i < system->core_count; i++) {
        struct core *core = &system->cores[i];
        for (unsigned j = 0; j < i && core->hart_known; j++) {
            struct core *earlier = &system->cores[j];
            if (!earlier->hart_known || earlier->hart != core->hart) {
                continue;
            }
            struct diag *diag = diag_error(checker->diags, SK020, core->hart_at,
                                           "hart %" PRIu64 " is taken by core \"%s\"", core->hart,
                                           earlier->name ? earlier->name : "?");
            diag_note(diag, earlier->hart_at, "it is taken here");
            diag_help(diag, "each hart runs one kernel; give each core a hart of its own");
            break;
        }
    }
}

// Ours has the same rule about cores, and that about domains for each core.
static void check_domains_exist(struct checker *checker) {
    const struct system *system = checker->system;
    if (!system->core_count && system->document->dialect == DIALECT_MICROKIT &&
        system->document->complete) {
        struct diag *diag = diag_error(checker->diags, SK009, system->node->at,
                                       "<system> needs a <protection_domain>");
        diag_help(diag, "add <protection_domain …/> inside this <system>");
    }
}

static void check_core_runs_something(struct checker *checker, const struct core *core) {
    if (core->root_task_node && core->domain_count) {
        struct diag *diag = diag_error(checker->diags, SK025, core->root_task_node->at,
                                       "core \"%s\" has a root task and protection domains",
                                       core->name ? core->name : "?");
        diag_note(diag, core->at, "in this core");
        diag_help(diag, "a root task gets everything the kernel has; remove it, or the domains");
    } else if (!core->root_task_node && !core->domain_count &&
               checker->system->document->complete) {
        struct diag *diag = diag_error(checker->diags, SK024, core->at, "core \"%s\" runs nothing",
                                       core->name ? core->name : "?");
        diag_help(diag, "add a <protection_domain> or a <root_task>");
    }
    if (core->domain_count > MAX_CORE_DOMAINS) {
        diag_error(checker->diags, SK017, core->at,
                   "core \"%s\" has %u protection domains; %u is the limit",
                   core->name ? core->name : "?", core->domain_count, MAX_CORE_DOMAINS);
    }
}

static void check_core_memory(struct checker *checker, struct core *core) {
    u64 bytes = core->memory_bytes;
    if (!bytes) {
        return;
    }
    if (!is_power_of_two(bytes)) {
        u64 above = power_of_two_above(bytes);
        struct diag *diag =
            diag_error(checker->diags, SK031, value_place(core->memory_node, ATTRIBUTE_SIZE),
                       "a partition of %s cannot be walled: its size is no power of two",
                       units_show_bytes(checker->arena, bytes));
        diag_help(diag, "use %s or %s", units_show_bytes(checker->arena, above / 2),
                  units_show_bytes(checker->arena, above));
        core->memory_bytes = 0;
    } else if (core->memory_fixed && core->ram.base % bytes) {
        struct diag *diag = diag_error(
            checker->diags, SK031, value_place(core->memory_node, ATTRIBUTE_ADDRESS),
            "address 0x%" PRIx64 " is no multiple of the partition's size", core->ram.base);
        diag_help(diag, "the nearest are 0x%" PRIx64 " and 0x%" PRIx64,
                  core->ram.base / bytes * bytes, (core->ram.base / bytes + 1) * bytes);
        core->memory_bytes = 0;
    }
}

/* ---- Memory and devices ------------------------------------------------------------------------ */

static void check_devices_differ(struct checker *checker) {
    struct system *system = checker->system;
    for (unsigned i = 0; i < system->device_count; i++) {
        struct device *device = &system->devices[i];
        for (unsigned j = 0; j < i && device->path; j++) {
            struct device *earlier = &system->devices[j];
            if (!earlier->path || strcmp(device->path, earlier->path) ||
                device->index != earlier->index) {
                continue;
            }
            struct diag *diag = diag_error(
                checker->diags, SK041, device->at, "device %s is already owned by core \"%s\"",
                device->path, earlier->core->name ? earlier->core->name : "?");
            diag_note(diag, earlier->at, "it is owned here");
            diag_help(diag, "let one core drive it, and reach it from others through a channel");
            break;
        }
    }
}

static void check_region(struct checker *checker, struct region *region) {
    u64 page = 1ull << region->page_bits;
    const struct value *page_size = node_value(region->node, ATTRIBUTE_PAGE_SIZE);
    if (page_size->given && page_size->valid && page_size->number != PAGE_BYTES &&
        page_size->number != (2u << 20)) {
        struct diag *diag = diag_error(checker->diags, SK011, page_size->at,
                                       "page_size=\"%s\" is no page size", page_size->text);
        diag_help(diag, "4KiB or 2MiB");
        return;
    }
    if (region->size % page) {
        struct diag *diag = diag_error(
            checker->diags, SK037, value_place(region->node, ATTRIBUTE_SIZE),
            "size %s is no multiple of the page size %s",
            units_show_bytes(checker->arena, region->size), units_show_bytes(checker->arena, page));
        diag_help(diag, "the next larger one is %s",
                  units_show_bytes(checker->arena, (region->size / page + 1) * page));
    }
    if (region->fixed && region->base % page) {
        diag_error(checker->diags, SK037, value_place(region->node, ATTRIBUTE_PHYS_ADDR),
                   "address 0x%" PRIx64 " is no multiple of the page size %s", region->base,
                   units_show_bytes(checker->arena, page));
    }
}

/* ---- Protection domains ------------------------------------------------------------------------ */

static void check_domain_time(struct checker *checker, const struct domain *domain) {
    const struct value *budget = node_value(domain->node, ATTRIBUTE_BUDGET);
    const struct value *period = node_value(domain->node, ATTRIBUTE_PERIOD);
    const struct value *given = budget->given ? budget : period;
    if (domain->passive && (budget->given || period->given) &&
        domain->node->dialect == DIALECT_SKERRY) {
        struct diag *diag =
            diag_error(checker->diags, SK063, given->at, "a passive domain has no time of its own");
        diag_note(diag, value_place(domain->node, ATTRIBUTE_PASSIVE), "made passive here");
        diag_help(diag, "remove budget and period: it runs on its callers' time");
    } else if (budget->valid && period->given && period->valid && budget->number > period->number) {
        struct diag *diag = diag_error(
            checker->diags, SK060, budget->given ? budget->at : period->at,
            "budget %s is above the period %s", units_show_time_ns(checker->arena, budget->number),
            units_show_time_ns(checker->arena, period->number));
        if (budget->given) {
            diag_note(diag, period->at, "the period is given here");
        }
        diag_help(diag, budget->given ? "the budget is the time it may run in each period"
                                      : "without budget= the budget is 1ms");
    }
    if (domain->scheduling_domain >= domain->core->domains && domain->core->domains) {
        struct diag *diag =
            diag_error(checker->diags, SK062, value_place(domain->node, ATTRIBUTE_DOMAIN),
                       "core \"%s\" has %u scheduling domain%s, counted from 0",
                       domain->core->name ? domain->core->name : "?", domain->core->domains,
                       domain->core->domains == 1 ? "" : "s");
        diag_note(diag, domain->core->at, "domains= of this core says how many");
    }
}

static void check_child_core(struct checker *checker, const struct domain *domain) {
    if (domain->parent && domain->core != domain->parent->core) {
        struct diag *diag = diag_error(
            checker->diags, SK059, domain->node->at,
            "child domain \"%s\" is on core \"%s\", its parent on core \"%s\"",
            domain->name ? domain->name : "?", domain->core->name, domain->parent->core->name);
        diag_note(diag, domain->parent->node->at, "the parent is here");
        diag_help(diag, "faults do not cross cores: say cpu=\"%" PRIu64 "\" for both",
                  domain->parent->core->hart);
    }
}

static void check_domain_child(struct checker *checker, const struct domain *domain) {
    const struct value *id = node_value(domain->node, ATTRIBUTE_ID);
    const char *name = domain->name ? domain->name : "?";
    if (domain->parent && !id->given) {
        struct diag *diag = diag_error(checker->diags, SK008, domain->node->at,
                                       "child domain \"%s\" needs the attribute \"id\"", name);
        diag_help(diag, "the parent learns by this number whose fault it handles");
    }
    if (!domain->parent && id->given) {
        struct diag *diag = diag_error(checker->diags, SK010, id->at,
                                       "domain \"%s\" is nobody's child and has no id", name);
        diag_help(diag, "remove it, or put the domain inside its parent");
    }
    for (unsigned i = 0; domain->parent && id->valid && i < checker->system->domain_count; i++) {
        const struct domain *sibling = &checker->system->domains[i];
        if (sibling == domain) {
            break;
        }
        const struct value *taken = node_value(sibling->node, ATTRIBUTE_ID);
        if (sibling->parent == domain->parent && taken->valid && taken->number == id->number) {
            struct diag *diag =
                diag_error(checker->diags, SK051, id->at, "child id %s is used twice in \"%s\"",
                           id->text, domain->parent->name ? domain->parent->name : "?");
            diag_note(diag, taken->at, "first used here");
        }
    }
}

static void check_domain_variables(struct checker *checker, const struct domain *domain) {
    for (const struct setvar *setvar = domain->setvars; setvar; setvar = setvar->next) {
        for (const struct setvar *earlier = domain->setvars; earlier != setvar;
             earlier = earlier->next) {
            if (!strcmp(setvar->symbol, earlier->symbol)) {
                struct diag *diag = diag_error(checker->diags, SK075, setvar->at,
                                               "symbol \"%s\" is set twice", setvar->symbol);
                diag_note(diag, earlier->at, "first set here");
                break;
            }
        }
    }
}

static void check_domain(struct checker *checker, const struct domain *domain) {
    check_domain_time(checker, domain);
    check_domain_child(checker, domain);
    check_child_core(checker, domain);
    check_domain_variables(checker, domain);
    if (domain->stack_bytes % PAGE_BYTES) {
        diag_error(checker->diags, SK037, value_place(domain->node, ATTRIBUTE_STACK_SIZE),
                   "stack_size %s is no multiple of 4KiB",
                   units_show_bytes(checker->arena, domain->stack_bytes));
    }
}

static void check_cap(struct checker *checker, const struct cap *cap) {
    const struct value *slot = node_value(cap->node, ATTRIBUTE_SLOT);
    if (cap->of && cap->of->core != cap->holder->core) {
        struct diag *diag = diag_error(
            checker->diags, SK059, value_place(cap->node, ATTRIBUTE_PD),
            "domain \"%s\" is on core \"%s\", the holder of the capability on core \"%s\"",
            cap->of->name, cap->of->core->name, cap->holder->core->name);
        diag_note(diag, cap->of->node->at, "the domain is here");
    }
    for (const struct cap *earlier = checker->system->caps; earlier != cap && slot->valid;
         earlier++) {
        const struct value *taken = node_value(earlier->node, ATTRIBUTE_SLOT);
        if (earlier->holder == cap->holder && taken->valid && taken->number == slot->number) {
            struct diag *diag = diag_error(checker->diags, SK051, slot->at,
                                           "slot %s is used twice in this <cspace>", slot->text);
            diag_note(diag, taken->at, "first used here");
            return;
        }
    }
}

static void check_mapping(struct checker *checker, const struct mapping *mapping) {
    u64 page = mapping->region ? 1ull << mapping->region->page_bits : PAGE_BYTES;
    const struct value *vaddr = node_value(mapping->node, ATTRIBUTE_VADDR);
    if (vaddr->valid && mapping->vaddr % page) {
        diag_error(checker->diags, SK037, vaddr->at, "vaddr 0x%" PRIx64 " is no multiple of %s",
                   mapping->vaddr, units_show_bytes(checker->arena, page));
    }
    if ((mapping->perms & PERM_WRITE) && !(mapping->perms & PERM_READ)) {
        struct diag *diag =
            diag_error(checker->diags, SK010, value_place(mapping->node, ATTRIBUTE_PERMS),
                       "memory cannot be writable without being readable");
        diag_help(diag, "use perms=\"rw\"");
    }
    for (unsigned i = 0; i < checker->system->mapping_count && vaddr->valid; i++) {
        const struct mapping *earlier = &checker->system->mappings[i];
        if (earlier == mapping) {
            break;
        }
        struct range a = {mapping->vaddr, mapping->size}, b = {earlier->vaddr, earlier->size};
        if (earlier->domain == mapping->domain && ranges_overlap(a, b)) {
            struct diag *diag =
                diag_error(checker->diags, SK036, vaddr->at,
                           "this mapping, 0x%" PRIx64 " to 0x%" PRIx64 ", overlaps another one",
                           a.base, a.base + a.size);
            diag_note(diag, value_place(earlier->node, ATTRIBUTE_VADDR),
                      "the other one: 0x%" PRIx64 " to 0x%" PRIx64, b.base, b.base + b.size);
            break;
        }
    }
}

/* ---- Channels ---------------------------------------------------------------------------------- */

// Everything that has a channel number in a domain: interrupts and channel ends.
struct numbered {
    const struct domain *domain;
    const struct node *node;
};

static struct numbered *numbered_list(struct checker *checker, unsigned *count) {
    struct system *system = checker->system;
    struct numbered *list = ARENA_ARRAY(checker->arena, struct numbered,
                                        system->interrupt_count + 2 * system->channel_count + 1);
    for (unsigned i = 0; i < system->interrupt_count; i++) {
        list[(*count)++] =
            (struct numbered){system->interrupts[i].domain, system->interrupts[i].node};
    }
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        const struct channel_end *end = &system->channels[i / 2].end[i % 2];
        if (end->node && end->domain) {
            list[(*count)++] = (struct numbered){end->domain, end->node};
        }
    }
    return list;
}

static void check_channel_numbers(struct checker *checker) {
    unsigned count = 0;
    struct numbered *list = numbered_list(checker, &count);
    for (unsigned i = 0; i < count; i++) {
        const struct value *id = node_value(list[i].node, ATTRIBUTE_ID);
        for (unsigned j = 0; j < i && id->valid; j++) {
            const struct value *taken = node_value(list[j].node, ATTRIBUTE_ID);
            if (list[i].domain == list[j].domain && taken->valid && taken->number == id->number) {
                struct diag *diag = diag_error(
                    checker->diags, SK051, id->at, "channel number %s of \"%s\" is used twice",
                    id->text, list[i].domain->name ? list[i].domain->name : "?");
                diag_note(diag, taken->at, "first used here");
                diag_help(diag,
                          "channel ends and interrupts of a domain share the numbers 0 to 61");
                break;
            }
        }
    }
}

static void check_call(struct checker *checker, const struct channel_end *from,
                       const struct channel_end *to) {
    struct place at = value_place(from->node, ATTRIBUTE_PP);
    if (from->domain->core != to->domain->core) {
        struct diag *diag =
            diag_error(checker->diags, SK053, at,
                       "a protected call cannot cross from core \"%s\" to core \"%s\"",
                       from->domain->core->name ? from->domain->core->name : "?",
                       to->domain->core->name ? to->domain->core->name : "?");
        diag_note(diag, to->domain->node->at, "the other end is here");
        diag_help(diag, "send a notification and pass data through a <region> of both cores");
        return;
    }
    if (from->domain->priority >= to->domain->priority) {
        struct diag *diag =
            diag_error(checker->diags, SK054, at,
                       "protected call from priority %u to %u: the callee's must be higher",
                       from->domain->priority, to->domain->priority);
        diag_note(diag, to->domain->node->at, "the callee is here");
    }
}

// The firmware can ring another hart only within a domain, and behind walls each kernel has a domain of its own.
static void doorbell_missing(struct checker *checker, const struct channel *channel) {
    struct diag *diag =
        diag_error(checker->diags, SK055, channel->node->at,
                   "machine \"virt-plain\" has no doorbell that works behind walls");
    diag_note(diag, value_place(checker->system->node, ATTRIBUTE_MACHINE),
              "the machine is chosen here");
    diag_help(diag,
              "use machine=\"virt-aia\" or \"virt-aclint\"; without walls the firmware can ring");
}

static void check_channel(struct checker *checker, const struct channel *channel) {
    const struct channel_end *a = &channel->end[0], *b = &channel->end[1];
    const struct value *rate = node_value(channel->node, ATTRIBUTE_MAX_RATE);
    if (!a->domain || !b->domain) {
        return;
    }
    if (a->domain == b->domain) {
        struct diag *diag = diag_error(checker->diags, SK052, value_place(b->node, ATTRIBUTE_PD),
                                       "both ends of the channel are \"%s\"", a->domain->name);
        diag_note(diag, value_place(a->node, ATTRIBUTE_PD), "the other end is here");
        return;
    }
    if (a->pp) {
        check_call(checker, a, b);
    }
    if (b->pp) {
        check_call(checker, b, a);
    }
    if (!a->pp && !b->pp && node_value(a->node, ATTRIBUTE_NOTIFY)->valid && !a->notify &&
        node_value(b->node, ATTRIBUTE_NOTIFY)->valid && !b->notify) {
        struct diag *diag = diag_error(checker->diags, SK058, channel->node->at,
                                       "neither \"%s\" nor \"%s\" may use this channel",
                                       a->domain->name, b->domain->name);
        diag_note(diag, value_place(b->node, ATTRIBUTE_NOTIFY), "the second notify=\"false\"");
        diag_help(diag, "let one end notify the other, or remove the channel");
    }
    bool crosses = a->domain->core != b->domain->core;
    if (!crosses && rate->given) {
        struct diag *diag = diag_error(checker->diags, SK056, rate->at,
                                       "max_rate has no meaning between domains of one core");
        diag_help(diag, "it bounds doorbells from other cores; remove it");
    }
    if (crosses && checker->system->kind == MACHINE_VIRT_PLAIN && checker->system->walls) {
        doorbell_missing(checker, channel);
    }
}

static void check_channel_lines(struct checker *checker) {
    struct system *system = checker->system;
    for (unsigned i = 0; i < system->channel_count; i++) {
        unsigned lines = 0;
        const struct channel_end *a = &system->channels[i].end[0], *b = &system->channels[i].end[1];
        for (unsigned j = 0; j <= i && a->domain && b->domain; j++) {
            const struct channel_end *c = &system->channels[j].end[0],
                                     *d = &system->channels[j].end[1];
            lines += c->domain && d->domain && a->domain->core != b->domain->core &&
                     ((c->domain->core == a->domain->core && d->domain->core == b->domain->core) ||
                      (c->domain->core == b->domain->core && d->domain->core == a->domain->core));
        }
        if (lines == DOORBELL_LINES + 1) {
            diag_error(checker->diags, SK057, system->channels[i].node->at,
                       "more than %u channels between the same two cores", DOORBELL_LINES);
        }
    }
}

/* ---- Tasks ------------------------------------------------------------------------------------- */

static void check_task(struct checker *checker, const struct task *task) {
    if (task->wcet_ns && task->deadline_ns && task->wcet_ns > task->deadline_ns) {
        struct diag *diag = diag_error(
            checker->diags, SK061, value_place(task->node, ATTRIBUTE_WCET),
            "wcet %s is above the deadline %s", units_show_time_ns(checker->arena, task->wcet_ns),
            units_show_time_ns(checker->arena, task->deadline_ns));
        bool given = node_value(task->node, ATTRIBUTE_DEADLINE)->given;
        diag_note(diag, value_place(task->node, given ? ATTRIBUTE_DEADLINE : ATTRIBUTE_PERIOD),
                  given ? "the deadline is given here" : "the deadline is the period, given here");
    }
    const struct domain *domain = task->domain;
    if (domain && !domain->passive && domain->budget_ns < domain->period_ns &&
        task->period_ns <= domain->period_ns && task->wcet_ns > domain->budget_ns) {
        struct diag *diag =
            diag_warning(checker->diags, SK064, value_place(task->node, ATTRIBUTE_WCET),
                         "wcet %s does not fit into the budget %s of \"%s\"",
                         units_show_time_ns(checker->arena, task->wcet_ns),
                         units_show_time_ns(checker->arena, domain->budget_ns), domain->name);
        diag_note(diag, domain->node->at, "the domain is here");
    }
}

static void check_chain(struct checker *checker, const struct chain *chain) {
    u64 sum_ns = 0;
    for (unsigned i = 0; i < chain->task_count; i++) {
        sum_ns += chain->tasks[i]->wcet_ns;
    }
    if (chain->deadline_ns && sum_ns > chain->deadline_ns) {
        struct diag *diag =
            diag_error(checker->diags, SK061, value_place(chain->node, ATTRIBUTE_DEADLINE),
                       "the chain's tasks need %s, its deadline is %s",
                       units_show_time_ns(checker->arena, sum_ns),
                       units_show_time_ns(checker->arena, chain->deadline_ns));
        diag_note(diag, value_place(chain->node, ATTRIBUTE_TASKS), "the sum of the wcet of these");
    }
}

void check_file(struct arena *arena, struct diagnostics *diags, struct system *system) {
    struct checker checker = {arena, diags, system};
    check_harts_differ(&checker);
    check_domains_exist(&checker);
    for (unsigned i = 0; i < system->core_count; i++) {
        check_core_runs_something(&checker, &system->cores[i]);
        check_core_memory(&checker, &system->cores[i]);
    }
    check_devices_differ(&checker);
    for (unsigned i = 0; i < system->region_count; i++) {
        check_region(&checker, &system->regions[i]);
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        check_domain(&checker, &system->domains[i]);
    }
    for (unsigned i = 0; i < system->mapping_count; i++) {
        check_mapping(&checker, &system->mappings[i]);
    }
    for (unsigned i = 0; i < system->cap_count; i++) {
        check_cap(&checker, &system->caps[i]);
    }
    check_channel_numbers(&checker);
    for (unsigned i = 0; i < system->channel_count; i++) {
        check_channel(&checker, &system->channels[i]);
    }
    check_channel_lines(&checker);
    check_restart(diags, system);
    for (unsigned i = 0; i < system->task_count; i++) {
        check_task(&checker, &system->tasks[i]);
    }
    for (unsigned i = 0; i < system->chain_count; i++) {
        check_chain(&checker, &system->chains[i]);
    }
}
