// SPDX-License-Identifier: BSD-2-Clause
// Building the model. Two rounds over the nodes: the first makes everything that has a name, the second
// resolves names. Reported here: names taken twice (SK014) and names of nothing (SK015).
#include "tools/model.h"

#include <string.h>

#include "tools/microkit.h"
#include "tools/suggest.h"

#define DEFAULT_MEMORY (256ull << 20) // stands in for a value that was wrong

struct builder {
    struct arena *arena;
    struct diagnostics *diags;
    const struct document *document;
    struct system *system;
};

const char *machine_kind_name(enum machine_kind kind) {
    static const char *const NAMES[] = {"virt-aia", "virt-aclint", "virt-plain"};
    return NAMES[kind];
}

const char *variant_name(enum variant variant) {
    static const char *const NAMES[] = {"debug", "release", "bench"};
    return NAMES[variant];
}

bool machine_kind_by_name(const char *name, enum machine_kind *kind) {
    for (enum machine_kind i = 0; i < MACHINES_KNOWN; i++) {
        if (!strcmp(name, machine_kind_name(i))) {
            *kind = i;
            return true;
        }
    }
    return false;
}

bool variant_by_name(const char *name, enum variant *variant) {
    for (enum variant i = VARIANT_DEBUG; i <= VARIANT_BENCH; i++) {
        if (!strcmp(name, variant_name(i))) {
            *variant = i;
            return true;
        }
    }
    return false;
}

bool ranges_overlap(struct range a, struct range b) {
    return a.size && b.size && a.base <= b.base + (b.size - 1) && b.base <= a.base + (a.size - 1);
}

struct pair *pair_of(struct system *system, const struct core *a, const struct core *b) {
    for (unsigned i = 0; i < system->pair_count; i++) {
        struct pair *pair = &system->pairs[i];
        if ((pair->core[0] == a && pair->core[1] == b) ||
            (pair->core[0] == b && pair->core[1] == a)) {
            return pair;
        }
    }
    return NULL;
}

static unsigned count_of(const struct builder *builder, enum element_id id) {
    unsigned count = 0;
    for (unsigned i = 0; i < builder->document->count; i++) {
        count += builder->document->nodes[i].element->id == id;
    }
    return count;
}

static const struct node *child_of(const struct builder *builder, const struct node *parent,
                                   enum element_id id) {
    for (unsigned i = 0; i < builder->document->count; i++) {
        const struct node *node = &builder->document->nodes[i];
        if (node->parent == parent && node->element->id == id) {
            return node;
        }
    }
    return NULL;
}

/* ---- First round: things with names ------------------------------------------------------------ */

static void system_build(struct builder *builder, const struct node *node) {
    struct system *system = builder->system;
    system->node = node;
    system->name = node->dialect == DIALECT_MICROKIT
                       ? path_stem(builder->arena, builder->document->path)
                       : node_text(node, ATTRIBUTE_NAME);
    system->kind = (enum machine_kind)node_number(node, ATTRIBUTE_MACHINE);
    system->walls = node_number(node, ATTRIBUTE_WALLS) != 0;
    system->console = node_number(node, ATTRIBUTE_CONSOLE) != 0;
    const struct value *memory = node_value(node, ATTRIBUTE_MEMORY);
    system->memory_bytes = memory->valid ? memory->number : DEFAULT_MEMORY;
    const struct value *harts = node_value(node, ATTRIBUTE_HARTS);
    system->harts = harts->given ? (unsigned)harts->number : system->harts;
}

static void core_build(struct builder *builder, const struct node *node) {
    struct system *system = builder->system;
    if (system->core_count == MAX_CORES) {
        return; // the parser has said so
    }
    struct core *core = &system->cores[system->core_count];
    core->node = node;
    core->at = node->at;
    core->hart_at = node_value(node, ATTRIBUTE_HART)->at;
    core->name = node_text(node, ATTRIBUTE_NAME);
    core->index = system->core_count++;
    core->hart = node_number(node, ATTRIBUTE_HART);
    core->hart_known = node_value(node, ATTRIBUTE_HART)->valid;
    core->variant = (enum variant)node_number(node, ATTRIBUTE_VARIANT);
    core->domains = (u32)node_number(node, ATTRIBUTE_DOMAINS);
    core->restarts = node_number(node, ATTRIBUTE_ON_FAILURE) != 0;
    core->memory_node = child_of(builder, node, ELEMENT_MEMORY);
    if (core->memory_node) {
        core->memory_at = core->memory_node->at;
        core->memory_bytes = node_number(core->memory_node, ATTRIBUTE_SIZE);
        core->memory_fixed = node_value(core->memory_node, ATTRIBUTE_ADDRESS)->valid;
        core->ram.base = node_number(core->memory_node, ATTRIBUTE_ADDRESS);
    }
    const struct node *kernel = child_of(builder, node, ELEMENT_KERNEL);
    core->cnode_bits = kernel ? (u32)node_number(kernel, ATTRIBUTE_CNODE_BITS) : 13;
    core->check_interval = kernel ? (u32)node_number(kernel, ATTRIBUTE_CHECK_INTERVAL) : 0;
    core->root_task_node = child_of(builder, node, ELEMENT_ROOT_TASK);
    core->root_task_path =
        core->root_task_node ? node_text(core->root_task_node, ATTRIBUTE_IMAGE) : NULL;
}

struct core *model_core_at(struct system *system, const struct node *node) {
    while (node && node->element->id != ELEMENT_CORE &&
           (node->dialect != DIALECT_MICROKIT || node->element->id != ELEMENT_PROTECTION_DOMAIN)) {
        node = node->parent;
    }
    if (node && system->document->dialect == DIALECT_MICROKIT) {
        return microkit_core_of(system, node);
    }
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].node == node) {
            return &system->cores[i];
        }
    }
    return NULL;
}

static struct core *core_at(struct builder *builder, const struct node *node) {
    return model_core_at(builder->system, node);
}

static struct domain *domain_at(struct builder *builder, const struct node *node) {
    for (unsigned i = 0; i < builder->system->domain_count; i++) {
        if (builder->system->domains[i].node == node) {
            return &builder->system->domains[i];
        }
    }
    return NULL;
}

static void device_build(struct builder *builder, const struct node *node) {
    struct device *device = &builder->system->devices[builder->system->device_count++];
    device->node = node;
    device->at = node_value(node, ATTRIBUTE_PATH)->at;
    device->name = node_text(node, ATTRIBUTE_NAME);
    device->path = node_text(node, ATTRIBUTE_PATH);
    device->index = (unsigned)node_number(node, ATTRIBUTE_INDEX);
    device->core = core_at(builder, node);
}

static void region_build(struct builder *builder, const struct node *node) {
    struct region *region = &builder->system->regions[builder->system->region_count++];
    region->node = node;
    region->name = node_text(node, ATTRIBUTE_NAME);
    region->size = node_number(node, ATTRIBUTE_SIZE);
    region->page_bits = node_number(node, ATTRIBUTE_PAGE_SIZE) == (2ull << 20) ? 21 : 12;
    if (node->element->id == ELEMENT_MEMORY_REGION) {
        region->core = core_at(builder, node);
        region->fixed = region->placed = node_value(node, ATTRIBUTE_PHYS_ADDR)->valid;
        region->base = node_number(node, ATTRIBUTE_PHYS_ADDR);
    }
}

static void domain_build(struct builder *builder, const struct node *node) {
    struct domain *domain = &builder->system->domains[builder->system->domain_count++];
    domain->node = node;
    domain->name = node_text(node, ATTRIBUTE_NAME);
    domain->core = core_at(builder, node);
    domain->parent = domain_at(builder, node->parent);
    domain->index = domain->core ? domain->core->domain_count++ : 0;
    domain->child_id = (u32)node_number(node, ATTRIBUTE_ID);
    domain->priority = (u32)node_number(node, ATTRIBUTE_PRIORITY);
    domain->budget_ns = node_number(node, ATTRIBUTE_BUDGET);
    domain->period_ns = node_number(node, ATTRIBUTE_PERIOD);
    if (!node_value(node, ATTRIBUTE_PERIOD)->given) {
        domain->period_ns = domain->budget_ns;
    }
    domain->passive = node_number(node, ATTRIBUTE_PASSIVE) != 0;
    domain->fpu = node_number(node, ATTRIBUTE_FPU) != 0;
    domain->sporadic = node_number(node, ATTRIBUTE_SPORADIC) != 0;
    domain->ends_run = node_number(node, ATTRIBUTE_ENDS_RUN) != 0;
    domain->refills = (u32)node_number(node, ATTRIBUTE_REFILLS);
    domain->scheduling_domain = (u32)node_number(node, ATTRIBUTE_DOMAIN);
    domain->stack_bytes = node_number(node, ATTRIBUTE_STACK_SIZE);
    domain->image_node = child_of(builder, node, ELEMENT_PROGRAM_IMAGE);
    domain->image_path = domain->image_node ? node_text(domain->image_node, ATTRIBUTE_PATH) : NULL;
}

static void task_build(struct builder *builder, const struct node *node) {
    struct task *task = &builder->system->tasks[builder->system->task_count++];
    task->node = node;
    task->name = node_text(node, ATTRIBUTE_NAME);
    task->sporadic = node_number(node, ATTRIBUTE_ARRIVAL) != 0;
    task->period_ns = node_number(node, ATTRIBUTE_PERIOD);
    task->deadline_ns = node_number(node, ATTRIBUTE_DEADLINE);
    if (!node_value(node, ATTRIBUTE_DEADLINE)->given) {
        task->deadline_ns = task->period_ns;
    }
    task->wcet_ns = node_number(node, ATTRIBUTE_WCET);
}

/* ---- Names ------------------------------------------------------------------------------------- */

// Two nodes with names: whether a core (or the system) would see both under one name.
static bool names_meet(struct builder *builder, const struct node *a, const struct node *b) {
    static const u32 MEMORY_LIKE =
        BIT(ELEMENT_DEVICE) | BIT(ELEMENT_REGION) | BIT(ELEMENT_MEMORY_REGION);
    u32 kinds = (u32)(BIT(a->element->id) | BIT(b->element->id));
    if (!(kinds & ~MEMORY_LIKE)) {
        struct core *core_a = core_at(builder, a), *core_b = core_at(builder, b);
        return !core_a || !core_b || core_a == core_b;
    }
    return a->element->id == b->element->id;
}

static bool has_own_name(const struct node *node) {
    switch (node->element->id) {
    case ELEMENT_CORE:
    case ELEMENT_DEVICE:
    case ELEMENT_REGION:
    case ELEMENT_MEMORY_REGION:
    case ELEMENT_PROTECTION_DOMAIN:
    case ELEMENT_TASK:
    case ELEMENT_CHAIN:
        return node_text(node, ATTRIBUTE_NAME) != NULL;
    default:
        return false;
    }
}

static void names_check(struct builder *builder) {
    const struct document *document = builder->document;
    for (unsigned i = 0; i < document->count; i++) {
        const struct node *node = &document->nodes[i];
        for (unsigned j = 0; has_own_name(node) && j < i; j++) {
            const struct node *earlier = &document->nodes[j];
            if (!has_own_name(earlier) || !names_meet(builder, node, earlier) ||
                strcmp(node_text(node, ATTRIBUTE_NAME), node_text(earlier, ATTRIBUTE_NAME))) {
                continue;
            }
            const char *name = node_text(node, ATTRIBUTE_NAME);
            struct diag *diag =
                diag_error(builder->diags, SK014, node_value(node, ATTRIBUTE_NAME)->at,
                           "the name \"%s\" is taken", name);
            diag_note(diag, node_value(earlier, ATTRIBUTE_NAME)->at, "by this <%s>",
                      earlier->element->name);
            break;
        }
    }
}

static void name_unknown(struct builder *builder, enum code code, const struct value *value,
                         const char *name, const char *what, const struct suggestion *suggestion) {
    struct diag *diag =
        diag_error(builder->diags, code, value->at, "there is no %s \"%s\"", what, name);
    if (suggestion->nearest) {
        diag_help(diag, "did you mean \"%s\"?", suggestion->nearest);
    }
}

/* ---- Second round: references ------------------------------------------------------------------ */

static struct domain *domain_named(struct builder *builder, const struct node *node,
                                   enum code code) {
    const struct value *value = node_value(node, ATTRIBUTE_PD);
    if (!value->valid) {
        return NULL;
    }
    struct suggestion suggestion = suggest_begin(value->text);
    for (unsigned i = 0; i < builder->system->domain_count; i++) {
        struct domain *domain = &builder->system->domains[i];
        if (domain->name && !strcmp(domain->name, value->text)) {
            return domain;
        }
        if (domain->name) {
            suggest_offer(&suggestion, domain->name);
        }
    }
    name_unknown(builder, code, value, value->text, "protection domain", &suggestion);
    return NULL;
}

static bool region_visible(const struct region *region, const struct core *core) {
    return region->core ? region->core == core
                        : region->share[0] == core || region->share[1] == core;
}

// A region or device that `node` names and its core can see. Both results NULL: reported.
static void memory_named(struct builder *builder, const struct node *node,
                         enum attribute_id attribute, struct region **region,
                         struct device **device) {
    const struct value *value = node_value(node, attribute);
    struct system *system = builder->system;
    const struct core *core = core_at(builder, node);
    const struct region *elsewhere = NULL;
    if (!value->valid) {
        return;
    }
    struct suggestion suggestion = suggest_begin(value->text);
    for (unsigned i = 0; i < system->region_count; i++) {
        struct region *candidate = &system->regions[i];
        if (!candidate->name) {
            continue;
        }
        if (!strcmp(candidate->name, value->text)) {
            elsewhere = candidate;
            if (region_visible(candidate, core)) {
                *region = candidate;
                return;
            }
        } else if (region_visible(candidate, core)) {
            suggest_offer(&suggestion, candidate->name);
        }
    }
    for (unsigned i = 0; device && i < system->device_count; i++) {
        struct device *candidate = &system->devices[i];
        if (candidate->name && candidate->core == core) {
            if (!strcmp(candidate->name, value->text)) {
                *device = candidate;
                return;
            }
            suggest_offer(&suggestion, candidate->name);
        }
    }
    if (!elsewhere) {
        name_unknown(builder, SK015, value, value->text, device ? "region or device" : "region",
                     &suggestion);
        return;
    }
    // A region whose own cores were wrong belongs to nobody; that has been reported there. So has a region
    // that a Microkit file maps on too many cores.
    if (node->dialect == DIALECT_MICROKIT) {
        return;
    }
    if (elsewhere->core || (elsewhere->share[0] && elsewhere->share[1])) {
        struct diag *diag = diag_error(builder->diags, SK035, value->at,
                                       "region \"%s\" is not memory of core \"%s\"", value->text,
                                       core && core->name ? core->name : "?");
        diag_note(diag, elsewhere->node->at, "the region is declared here");
    }
}

static void shares_resolve(struct builder *builder, struct region *region) {
    const struct value *value = node_value(region->node, ATTRIBUTE_CORES);
    if (region->core || !value->valid) {
        return;
    }
    unsigned named = 0;
    const char *text = value->text;
    bool known = true;
    for (;;) {
        text += strspn(text, " ");
        size_t length = strcspn(text, " ");
        if (!length) {
            break;
        }
        char *name = arena_copy(builder->arena, text, length);
        text += length;
        struct core *core = NULL;
        struct suggestion suggestion = suggest_begin(name);
        for (unsigned i = 0; i < builder->system->core_count; i++) {
            struct core *candidate = &builder->system->cores[i];
            if (candidate->name && !strcmp(candidate->name, name)) {
                core = candidate;
            } else if (candidate->name) {
                suggest_offer(&suggestion, candidate->name);
            }
        }
        if (!core) {
            name_unknown(builder, SK015, value, name, "core", &suggestion);
            known = false;
        } else if (named < 2) {
            region->share[named] = core;
        }
        named++;
    }
    if (known && (named != 2 || region->share[0] == region->share[1])) {
        struct diag *diag =
            diag_error(builder->diags, SK038, value->at,
                       "a region is shared by exactly two cores, not by \"%s\"", value->text);
        diag_help(diag, named == 1 ? "memory of one core is a <memory_region> inside that <core>"
                                   : "for three cores, one <region> for each pair");
    }
    if (!known || named != 2 || region->share[0] == region->share[1]) {
        region->share[0] = region->share[1] = NULL;
    }
}

u64 setvar_value(const struct setvar *setvar) {
    switch (setvar->kind) {
    case SETVAR_ADDRESS:
        return setvar->region->base;
    case SETVAR_SIZE:
        return setvar->region->size;
    case SETVAR_PREFILL_SIZE:
        return setvar->region->prefill ? setvar->region->prefill->size : 0;
    default:
        return setvar->number;
    }
}

static void setvar_put(struct builder *builder, struct domain *domain, const struct node *node,
                       enum attribute_id attribute, struct setvar setvar) {
    const struct value *value = node_value(node, attribute);
    if (!domain || !value->given || !value->valid) {
        return;
    }
    struct setvar **end = &domain->setvars;
    while (*end) {
        end = &(*end)->next;
    }
    *end = ARENA_NEW(builder->arena, struct setvar);
    **end = setvar;
    (*end)->at = value->at;
    (*end)->symbol = value->text;
}

static void setvar_number(struct builder *builder, struct domain *domain, const struct node *node,
                          enum attribute_id attribute, u64 number) {
    setvar_put(builder, domain, node, attribute,
               (struct setvar){.kind = SETVAR_NUMBER, .number = number});
}

static void setvar_region(struct builder *builder, struct domain *domain, const struct node *node,
                          enum attribute_id attribute, enum setvar_kind kind,
                          const struct region *region) {
    if (region) {
        setvar_put(builder, domain, node, attribute,
                   (struct setvar){.kind = kind, .region = region});
    }
}

static void mapping_build(struct builder *builder, const struct node *node) {
    struct mapping *mapping = &builder->system->mappings[builder->system->mapping_count++];
    mapping->node = node;
    mapping->domain = domain_at(builder, node->parent);
    mapping->vaddr = node_number(node, ATTRIBUTE_VADDR);
    mapping->perms = (u32)node_number(node, ATTRIBUTE_PERMS);
    memory_named(builder, node, ATTRIBUTE_MR, &mapping->region, &mapping->device);
    mapping->size = mapping->region ? mapping->region->size : 0;
    setvar_number(builder, mapping->domain, node, ATTRIBUTE_SETVAR_VADDR, mapping->vaddr);
    setvar_region(builder, mapping->domain, node, ATTRIBUTE_SETVAR_SIZE, SETVAR_SIZE,
                  mapping->region);
    setvar_region(builder, mapping->domain, node, ATTRIBUTE_SETVAR_PREFILL_SIZE,
                  SETVAR_PREFILL_SIZE, mapping->region);
}

static void interrupt_build(struct builder *builder, const struct node *node) {
    struct interrupt *interrupt = &builder->system->interrupts[builder->system->interrupt_count++];
    const struct value *device = node_value(node, ATTRIBUTE_DEVICE);
    const struct value *irq = node_value(node, ATTRIBUTE_IRQ);
    interrupt->node = node;
    interrupt->domain = domain_at(builder, node->parent);
    interrupt->index = (unsigned)node_number(node, ATTRIBUTE_INDEX);
    interrupt->source = (u32)node_number(node, ATTRIBUTE_IRQ);
    interrupt->id = (u32)node_number(node, ATTRIBUTE_ID);
    interrupt->edge = node_number(node, ATTRIBUTE_TRIGGER) != 0;
    setvar_number(builder, interrupt->domain, node, ATTRIBUTE_SETVAR_ID, interrupt->id);
    if (device->given == irq->given && node->dialect == DIALECT_SKERRY) {
        struct diag *diag = diag_error(builder->diags, SK076, node->at,
                                       "<irq> needs exactly one of \"device\" and \"irq\"");
        diag_help(diag, "device=\"NAME\" takes the number from the device tree");
    }
    if (!device->valid) {
        return;
    }
    struct suggestion suggestion = suggest_begin(device->text);
    for (unsigned i = 0; i < builder->system->device_count; i++) {
        struct device *candidate = &builder->system->devices[i];
        if (!candidate->name || candidate->core != core_at(builder, node)) {
            continue;
        }
        if (!strcmp(candidate->name, device->text)) {
            interrupt->device = candidate;
            return;
        }
        suggest_offer(&suggestion, candidate->name);
    }
    name_unknown(builder, SK015, device, device->text, "device in this core named", &suggestion);
}

static void setvar_build(struct builder *builder, const struct node *node) {
    struct domain *domain = domain_at(builder, node->parent);
    const struct value *address = node_value(node, ATTRIBUTE_REGION_PADDR);
    const struct value *size = node_value(node, ATTRIBUTE_REGION_SIZE);
    const struct value *number = node_value(node, ATTRIBUTE_VALUE);
    if (address->given + size->given + number->given != 1) {
        if (node->dialect == DIALECT_MICROKIT) {
            return; // region_paddr is missing, and has been reported
        }
        diag_error(builder->diags, SK076, node->at,
                   "<setvar> needs exactly one of \"region_paddr\", \"region_size\" and \"value\"");
        return;
    }
    struct region *region = NULL;
    if (address->given) {
        memory_named(builder, node, ATTRIBUTE_REGION_PADDR, &region, NULL);
        if (region) {
            region->placed = true; // its address is asked for: the tool must choose it
            setvar_region(builder, domain, node, ATTRIBUTE_SYMBOL, SETVAR_ADDRESS, region);
        }
    } else if (size->given) {
        memory_named(builder, node, ATTRIBUTE_REGION_SIZE, &region, NULL);
        setvar_region(builder, domain, node, ATTRIBUTE_SYMBOL, SETVAR_SIZE, region);
    } else {
        setvar_number(builder, domain, node, ATTRIBUTE_SYMBOL, number->number);
    }
}

static void cap_build(struct builder *builder, const struct node *node) {
    struct cap *cap = &builder->system->caps[builder->system->cap_count++];
    enum element_id id = node->element->id;
    cap->node = node;
    cap->holder = domain_at(builder, node->parent->parent);
    cap->of = domain_named(builder, node, SK015);
    cap->kind = id == ELEMENT_CAP_TCB ? CAP_TCB : id == ELEMENT_CAP_SC ? CAP_SC : CAP_VSPACE;
    cap->slot = (u32)node_number(node, ATTRIBUTE_SLOT);
}

static void end_build(struct builder *builder, const struct node *node) {
    for (unsigned i = 0; i < builder->system->channel_count; i++) {
        struct channel *channel = &builder->system->channels[i];
        unsigned side = channel->end[0].node ? 1 : 0;
        if (channel->node != node->parent || channel->end[side].node) {
            continue;
        }
        struct channel_end *end = &channel->end[side];
        end->node = node;
        end->domain = domain_named(builder, node, SK050);
        end->id = (u32)node_number(node, ATTRIBUTE_ID);
        end->pp = node_number(node, ATTRIBUTE_PP) != 0;
        end->notify = node_number(node, ATTRIBUTE_NOTIFY) != 0;
        setvar_number(builder, end->domain, node, ATTRIBUTE_SETVAR_ID, end->id);
    }
}

static void chain_resolve(struct builder *builder, struct chain *chain) {
    const struct value *value = node_value(chain->node, ATTRIBUTE_TASKS);
    if (!value->valid) {
        return;
    }
    chain->tasks = ARENA_ARRAY(builder->arena, struct task *, strlen(value->text) / 2 + 1);
    const char *text = value->text;
    for (;;) {
        text += strspn(text, " ");
        size_t length = strcspn(text, " ");
        if (!length) {
            return;
        }
        char *name = arena_copy(builder->arena, text, length);
        text += length;
        struct task *task = NULL;
        struct suggestion suggestion = suggest_begin(name);
        for (unsigned i = 0; i < builder->system->task_count; i++) {
            struct task *candidate = &builder->system->tasks[i];
            if (candidate->name && !strcmp(candidate->name, name)) {
                task = candidate;
            } else if (candidate->name) {
                suggest_offer(&suggestion, candidate->name);
            }
        }
        if (task) {
            chain->tasks[chain->task_count++] = task;
        } else {
            name_unknown(builder, SK015, value, name, "task", &suggestion);
        }
    }
}

static void first_round(struct builder *builder) {
    struct system *system = builder->system;
    for (unsigned i = 0; i < builder->document->count; i++) {
        const struct node *node = &builder->document->nodes[i];
        switch (node->element->id) {
        case ELEMENT_SYSTEM:
            system_build(builder, node);
            break;
        case ELEMENT_CORE:
            core_build(builder, node);
            break;
        case ELEMENT_DEVICE:
            device_build(builder, node);
            break;
        case ELEMENT_REGION:
        case ELEMENT_MEMORY_REGION:
            region_build(builder, node);
            break;
        case ELEMENT_PROTECTION_DOMAIN:
            domain_build(builder, node);
            break;
        case ELEMENT_CHANNEL:
            system->channels[system->channel_count].max_rate_per_s =
                node_number(node, ATTRIBUTE_MAX_RATE);
            system->channels[system->channel_count++].node = node;
            break;
        case ELEMENT_TASK:
            task_build(builder, node);
            break;
        case ELEMENT_CHAIN:
            system->chains[system->chain_count].name = node_text(node, ATTRIBUTE_NAME);
            system->chains[system->chain_count].deadline_ns = node_number(node, ATTRIBUTE_DEADLINE);
            system->chains[system->chain_count++].node = node;
            break;
        default:
            break;
        }
    }
}

static void second_round(struct builder *builder) {
    struct system *system = builder->system;
    for (unsigned i = 0; i < system->region_count; i++) {
        shares_resolve(builder, &system->regions[i]);
    }
    if (system->document->dialect == DIALECT_MICROKIT) {
        microkit_regions_assign(builder->diags, system);
    }
    for (unsigned i = 0; i < builder->document->count; i++) {
        const struct node *node = &builder->document->nodes[i];
        switch (node->element->id) {
        case ELEMENT_MAP:
            mapping_build(builder, node);
            break;
        case ELEMENT_IRQ:
            interrupt_build(builder, node);
            break;
        case ELEMENT_SETVAR:
            setvar_build(builder, node);
            break;
        case ELEMENT_END:
            end_build(builder, node);
            break;
        case ELEMENT_PROTECTION_DOMAIN:
            setvar_number(builder, domain_at(builder, node->parent), node, ATTRIBUTE_SETVAR_ID,
                          node_number(node, ATTRIBUTE_ID));
            break;
        case ELEMENT_CAP_TCB:
        case ELEMENT_CAP_SC:
        case ELEMENT_CAP_VSPACE:
            cap_build(builder, node);
            break;
        default:
            break;
        }
    }
    for (unsigned i = 0; i < system->task_count; i++) {
        struct task *task = &system->tasks[i];
        task->domain = domain_named(builder, task->node, SK015);
        if (task->domain && !task->domain->task) {
            task->domain->task = task;
        }
    }
    for (unsigned i = 0; i < system->chain_count; i++) {
        chain_resolve(builder, &system->chains[i]);
    }
}

struct system *model_build(struct arena *arena, struct diagnostics *diags,
                           const struct document *document) {
    struct system *system = ARENA_NEW(arena, struct system);
    struct builder builder = {arena, diags, document, system};
    system->document = document;
    system->path = document->path;
    system->devices =
        ARENA_ARRAY(arena, struct device, count_of(&builder, ELEMENT_DEVICE) + MAX_FOUND + 1);
    system->regions = ARENA_ARRAY(arena, struct region,
                                  count_of(&builder, ELEMENT_REGION) +
                                      count_of(&builder, ELEMENT_MEMORY_REGION) + 1);
    system->domains =
        ARENA_ARRAY(arena, struct domain, count_of(&builder, ELEMENT_PROTECTION_DOMAIN) + 1);
    system->mappings = ARENA_ARRAY(arena, struct mapping, count_of(&builder, ELEMENT_MAP) + 1);
    system->interrupts = ARENA_ARRAY(arena, struct interrupt, count_of(&builder, ELEMENT_IRQ) + 1);
    system->caps =
        ARENA_ARRAY(arena, struct cap,
                    count_of(&builder, ELEMENT_CAP_TCB) + count_of(&builder, ELEMENT_CAP_SC) +
                        count_of(&builder, ELEMENT_CAP_VSPACE) + 1);
    system->channels = ARENA_ARRAY(arena, struct channel, count_of(&builder, ELEMENT_CHANNEL) + 1);
    system->tasks = ARENA_ARRAY(arena, struct task, count_of(&builder, ELEMENT_TASK) + 1);
    system->chains = ARENA_ARRAY(arena, struct chain, count_of(&builder, ELEMENT_CHAIN) + 1);
    if (document->dialect == DIALECT_MICROKIT) {
        microkit_cores_make(arena, system);
    }
    first_round(&builder);
    names_check(&builder);
    second_round(&builder);
    return system;
}
