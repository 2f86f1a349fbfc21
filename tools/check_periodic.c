// SPDX-License-Identifier: BSD-2-Clause
// Rules for programs that call rt_periodic() (user/rt): the scheduling context is their timer, so task, budget and
// period have to agree. rt_periodic() itself would find some of it at boot, when it is late, and the console
// program, of all, would then have nobody to say so.
#include <inttypes.h>

#include "tools/check.h"
#include "tools/image.h"
#include "tools/units.h"

static bool is_periodic(const struct domain *domain) {
    u64 address, bytes;
    return domain->image && image_symbol(domain->image, "rt_periodic", &address, &bytes);
}

static struct place attribute_place(const struct node *node, enum attribute_id id) {
    const struct value *value = node_value(node, id);
    return value->given ? value->at : node->at;
}

static void task_missing(struct arena *arena, struct diagnostics *diags,
                         const struct domain *domain) {
    struct diag *diag =
        diag_error(diags, SK065, domain->node->at,
                   "\"%s\" works periodically, and no <task> says its period", domain->name);
    diag_note(diag, domain->image_node->at, "its program calls rt_periodic()");
    diag_help(diag, "<task name=\"%s\" pd=\"%s\" period=\"%s\" wcet=\"%s\"/> in <system>",
              domain->name, domain->name, units_show_time_ns(arena, domain->period_ns),
              units_show_time_ns(arena, domain->budget_ns));
}

static void check_task_period(struct arena *arena, struct diagnostics *diags,
                              const struct domain *domain) {
    const struct task *task = domain->task;
    struct place at = attribute_place(task->node, ATTRIBUTE_PERIOD);
    if (!task->period_ns || task->period_ns % domain->period_ns == 0) {
        return;
    }
    struct diag *diag = diag_error(
        diags, SK065, at, "period %s is not that of its domain, %s, nor a multiple of it",
        units_show_time_ns(arena, task->period_ns), units_show_time_ns(arena, domain->period_ns));
    diag_note(diag, attribute_place(domain->node, ATTRIBUTE_PERIOD),
              "the domain's period, by which it is released, is given here");
    diag_help(diag, "say period=\"%s\" in both", units_show_time_ns(arena, task->period_ns));
}

static void check_domain(struct arena *arena, struct diagnostics *diags,
                         const struct domain *domain) {
    if (domain->passive) {
        struct diag *diag =
            diag_error(diags, SK065, attribute_place(domain->node, ATTRIBUTE_PASSIVE),
                       "\"%s\" works periodically, so it cannot be passive", domain->name);
        diag_help(diag, "give it a budget and a period of its own");
        return;
    }
    if (!domain->task) {
        task_missing(arena, diags, domain);
    }
    if (!domain->budget_ns || !domain->period_ns) {
        return; // reported where they stand
    }
    if (domain->budget_ns >= domain->period_ns) {
        struct diag *diag =
            diag_error(diags, SK065, attribute_place(domain->node, ATTRIBUTE_BUDGET),
                       "\"%s\" works periodically, so its budget %s must be below its period",
                       domain->name, units_show_time_ns(arena, domain->budget_ns));
        diag_help(diag, "a domain whose budget is its whole period is never released: say period=");
    } else if (domain->task) {
        check_task_period(arena, diags, domain);
    }
}

void check_periodic(struct arena *arena, struct diagnostics *diags, const struct system *system) {
    for (unsigned i = 0; i < system->domain_count; i++) {
        if (is_periodic(&system->domains[i]) && system->domains[i].name) {
            check_domain(arena, diags, &system->domains[i]);
        }
    }
}
