// SPDX-License-Identifier: BSD-2-Clause
// Lowering to JSON with jansson, which keeps keys in the order of insertion.
#include "tools/lower.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tools/place.h"

static json_t *number(u64 value) {
    return json_integer((json_int_t)value);
}

static json_t *text(const char *value) {
    return value ? json_string(value) : json_null();
}

static json_t *range_json(struct range range) {
    json_t *object = json_object();
    json_object_set_new(object, "base", number(range.base));
    json_object_set_new(object, "size", number(range.size));
    return object;
}

static json_t *perms_json(u32 perms) {
    char letters[4] = {0};
    unsigned count = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (perms & (PERM_READ >> i)) {
            letters[count++] = "rwx"[i];
        }
    }
    return json_string(letters);
}

static const char *core_name(const struct core *core) {
    return core ? core->name : NULL;
}

static json_t *walls_json(const struct core *core) {
    json_t *list = json_array();
    for (unsigned i = 0; i < core->pmp_count; i++) {
        const struct pmp_entry *entry = &core->pmp[i];
        json_t *object = range_json(entry->range);
        u32 perms =
            PERM_READ | (entry->writable ? PERM_WRITE : 0) | (entry->executable ? PERM_EXECUTE : 0);
        json_object_set_new(object, "perms", perms_json(perms));
        json_object_set_new(object, "what", text(entry->what));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *devices_json(const struct system *system, const struct core *core) {
    json_t *list = json_array();
    for (unsigned i = 0; i < system->device_count; i++) {
        const struct device *device = &system->devices[i];
        if (device->core != core) {
            continue;
        }
        json_t *object = json_object();
        json_object_set_new(object, "name", text(device->name));
        json_object_set_new(object, "path", text(device->path));
        if (device->found) {
            json_t *interrupts = json_array();
            for (unsigned j = 0; j < device->irq_count; j++) {
                json_array_append_new(interrupts, number(device->irq[j]));
            }
            json_object_set_new(object, "registers", range_json(device->registers));
            json_object_set_new(object, "interrupts", interrupts);
        }
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *mappings_json(const struct system *system, const struct domain *domain) {
    json_t *list = json_array();
    for (unsigned i = 0; i < system->mapping_count; i++) {
        const struct mapping *mapping = &system->mappings[i];
        if (mapping->domain != domain) {
            continue;
        }
        json_t *object = json_object();
        json_object_set_new(object, "of",
                            text(mapping->region   ? mapping->region->name
                                 : mapping->device ? mapping->device->name
                                                   : NULL));
        json_object_set_new(object, "vaddr", number(mapping->vaddr));
        json_object_set_new(object, "size", number(mapping->size));
        json_object_set_new(object, "perms", perms_json(mapping->perms));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *interrupts_json(const struct system *system, const struct domain *domain) {
    json_t *list = json_array();
    for (unsigned i = 0; i < system->interrupt_count; i++) {
        const struct interrupt *interrupt = &system->interrupts[i];
        if (interrupt->domain != domain) {
            continue;
        }
        json_t *object = json_object();
        json_object_set_new(object, "source", number(interrupt->source));
        json_object_set_new(object, "id", number(interrupt->id));
        json_object_set_new(object, "trigger", text(interrupt->edge ? "edge" : "level"));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *variables_json(const struct domain *domain) {
    json_t *list = json_array();
    for (const struct setvar *setvar = domain->setvars; setvar; setvar = setvar->next) {
        json_t *object = json_object();
        json_object_set_new(object, "symbol", text(setvar->symbol));
        json_object_set_new(object, "value", number(setvar_value(setvar)));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *domain_json(const struct system *system, const struct domain *domain) {
    json_t *object = json_object();
    json_object_set_new(object, "name", text(domain->name));
    json_object_set_new(object, "core", text(core_name(domain->core)));
    json_object_set_new(object, "index", number(domain->index));
    json_object_set_new(object, "parent", text(domain->parent ? domain->parent->name : NULL));
    if (domain->parent) {
        json_object_set_new(object, "id", number(domain->child_id));
    }
    json_object_set_new(object, "image", text(domain->image_path));
    json_object_set_new(object, "priority", number(domain->priority));
    json_object_set_new(object, "passive", json_boolean(domain->passive));
    json_object_set_new(object, "fpu", json_boolean(domain->fpu));
    json_object_set_new(object, "budget_ns", number(domain->budget_ns));
    json_object_set_new(object, "period_ns", number(domain->period_ns));
    json_object_set_new(object, "sporadic", json_boolean(domain->sporadic));
    json_object_set_new(object, "refills", number(domain->refills));
    json_object_set_new(object, "scheduling_domain", number(domain->scheduling_domain));
    json_object_set_new(object, "stack_bytes", number(domain->stack_bytes));
    json_object_set_new(object, "ends_run", json_boolean(domain->ends_run));
    json_object_set_new(object, "maps", mappings_json(system, domain));
    json_object_set_new(object, "interrupts", interrupts_json(system, domain));
    json_object_set_new(object, "variables", variables_json(domain));
    return object;
}

static json_t *core_json(const struct system *system, const struct core *core) {
    json_t *object = json_object();
    json_object_set_new(object, "name", text(core->name));
    json_object_set_new(object, "index", number(core->index));
    json_object_set_new(object, "hart", number(core->hart));
    json_object_set_new(object, "variant", text(variant_name(core->variant)));
    json_object_set_new(object, "platform", json_boolean(core->index == 0));
    json_object_set_new(object, "scheduling_domains", number(core->domains));
    json_object_set_new(object, "on_failure", text(core->restarts ? "restart" : "stop"));
    json_object_set_new(object, "cnode_bits", number(core->cnode_bits));
    json_object_set_new(object, "check_interval", number(core->check_interval));
    if (core->placed) {
        json_object_set_new(object, "memory", range_json(core->ram));
        json_object_set_new(object, "log", range_json(core->log));
    }
    json_object_set_new(object, "pmp_limit", number(core->pmp_limit));
    json_object_set_new(object, "pmp", walls_json(core));
    json_object_set_new(object, "devices", devices_json(system, core));
    json_object_set_new(object, "root_task", text(core->root_task_path));
    return object;
}

static json_t *region_json(const struct region *region) {
    json_t *object = json_object();
    json_object_set_new(object, "name", text(region->name));
    json_object_set_new(object, "size", number(region->size));
    json_object_set_new(object, "page_size", number(1ull << region->page_bits));
    json_t *cores = json_array();
    json_array_append_new(cores, text(core_name(region->core ? region->core : region->share[0])));
    if (!region->core) {
        json_array_append_new(cores, text(core_name(region->share[1])));
    }
    json_object_set_new(object, "cores", cores);
    if (region->prefill) {
        json_object_set_new(object, "prefill",
                            text(node_text(region->node, ATTRIBUTE_PREFILL_PATH)));
        json_object_set_new(object, "prefill_size", number(region->prefill->size));
    }
    if (region->placed) {
        json_object_set_new(object, "base", number(region->base));
    }
    return object;
}

static json_t *channel_json(const struct channel *channel) {
    json_t *object = json_object(), *ends = json_array();
    const struct domain *a = channel->end[0].domain, *b = channel->end[1].domain;
    bool crosses = a && b && a->core != b->core;
    for (unsigned i = 0; i < 2; i++) {
        const struct channel_end *end = &channel->end[i];
        json_t *side = json_object();
        json_object_set_new(side, "pd", text(end->domain ? end->domain->name : NULL));
        json_object_set_new(side, "id", number(end->id));
        json_object_set_new(side, "pp", json_boolean(end->pp));
        json_object_set_new(side, "notify", json_boolean(end->notify));
        if (crosses && channel->end[1 - i].notify) {
            json_object_set_new(side, "line", number(channel->line[i]));
        }
        json_array_append_new(ends, side);
    }
    json_object_set_new(object, "ends", ends);
    json_object_set_new(object, "crosses_cores", json_boolean(crosses));
    json_object_set_new(object, "max_rate_per_s", number(channel->max_rate_per_s));
    return object;
}

static json_t *pair_json(const struct pair *pair) {
    json_t *object = json_object();
    json_object_set_new(object, "cores",
                        json_pack("[s?s?]", pair->core[0]->name, pair->core[1]->name));
    if (pair->placed) {
        json_object_set_new(object, "memory", range_json((struct range){pair->base, pair->bytes}));
    }
    json_object_set_new(object, "lines",
                        json_pack("[ii]", (int)pair->lines[0], (int)pair->lines[1]));
    return object;
}

static json_t *task_json(const struct task *task) {
    json_t *object = json_object();
    json_object_set_new(object, "name", text(task->name));
    json_object_set_new(object, "pd", text(task->domain ? task->domain->name : NULL));
    json_object_set_new(object, "arrival", text(task->sporadic ? "sporadic" : "periodic"));
    json_object_set_new(object, "period_ns", number(task->period_ns));
    json_object_set_new(object, "deadline_ns", number(task->deadline_ns));
    json_object_set_new(object, "wcet_ns", number(task->wcet_ns));
    return object;
}

static json_t *chain_json(const struct chain *chain) {
    json_t *object = json_object(), *tasks = json_array();
    for (unsigned i = 0; i < chain->task_count; i++) {
        json_array_append_new(tasks, text(chain->tasks[i]->name));
    }
    json_object_set_new(object, "name", text(chain->name));
    json_object_set_new(object, "tasks", tasks);
    json_object_set_new(object, "deadline_ns", number(chain->deadline_ns));
    return object;
}

static json_t *machine_json(const struct system *system) {
    json_t *object = json_object();
    json_object_set_new(object, "kind", text(machine_kind_name(system->kind)));
    json_object_set_new(object, "harts", number(system->machine.hart_count));
    json_object_set_new(object, "memory", range_json(system->machine.ram));
    json_object_set_new(object, "timebase_hz", number(system->machine.timebase_hz));
    json_object_set_new(object, "firmware", range_json(system->firmware));
    json_object_set_new(object, "firmware_tree", range_json(system->firmware_tree));
    json_object_set_new(object, "package", range_json(system->package));
    return object;
}

char *lower_json(struct arena *arena, const struct system *system) {
    json_t *root = json_object();
    json_t *cores = json_array(), *domains = json_array(), *regions = json_array(),
           *channels = json_array();
    json_t *pairs = json_array(), *tasks = json_array(), *chains = json_array();
    for (unsigned i = 0; i < system->core_count; i++) {
        json_array_append_new(cores, core_json(system, &system->cores[i]));
    }
    for (unsigned i = 0; i < system->domain_count; i++) {
        json_array_append_new(domains, domain_json(system, &system->domains[i]));
    }
    for (unsigned i = 0; i < system->region_count; i++) {
        json_array_append_new(regions, region_json(&system->regions[i]));
    }
    for (unsigned i = 0; i < system->channel_count; i++) {
        json_array_append_new(channels, channel_json(&system->channels[i]));
    }
    for (unsigned i = 0; i < system->pair_count; i++) {
        json_array_append_new(pairs, pair_json(&system->pairs[i]));
    }
    for (unsigned i = 0; i < system->task_count; i++) {
        json_array_append_new(tasks, task_json(&system->tasks[i]));
    }
    for (unsigned i = 0; i < system->chain_count; i++) {
        json_array_append_new(chains, chain_json(&system->chains[i]));
    }
    json_object_set_new(root, "skerry_system", number(JSON_FORM_VERSION));
    json_object_set_new(root, "name", text(system->name));
    json_object_set_new(root, "walls", json_boolean(system->walls));
    json_object_set_new(root, "machine", machine_json(system));
    json_object_set_new(root, "cores", cores);
    json_object_set_new(root, "pairs", pairs);
    json_object_set_new(root, "regions", regions);
    json_object_set_new(root, "protection_domains", domains);
    json_object_set_new(root, "channels", channels);
    json_object_set_new(root, "tasks", tasks);
    json_object_set_new(root, "chains", chains);
    char *dump = json_dumps(root, JSON_INDENT(2));
    char *copy = arena_printf(arena, "%s\n", dump ? dump : "");
    free(dump);
    json_decref(root);
    return copy;
}
