// SPDX-License-Identifier: BSD-2-Clause
// The three readers behind one function. Machine facts come from a small tree built here with libfdt, so no QEMU
// is needed and system files reach placement and lowering. Which system a tree is read for is said by the boot hart in
// its header, a word that the tool itself has no use for.
#include "tests/fuzz/tools/inputs.h"

#include <elf.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "tools/check.h"
#include "tools/emit_config.h"
#include "tools/emit_dtb.h"
#include "tools/image.h"
#include "tools/lower.h"
#include "tools/machine.h"
#include "tools/microkit.h"
#include "tools/place.h"
#include "tools/pmp.h"
#include "tools/show.h"
#include "tools/suggest.h"

#define TREE_BYTES 8192
#define ELF_BYTES  4096

#define CPU_HANDLES  30
#define CACHE_HANDLE 40

#define SYSTEM_OF(machine)                                                                                      \
    "<system version=\"1\" name=\"seed\" harts=\"2\"" machine ">\n"                                             \
    "<core name=\"a\" hart=\"0\"><memory size=\"4MiB\"/><device name=\"u\" path=\"/soc/serial@10000000\"/>\n"   \
    "<memory_region name=\"m\" size=\"8KiB\"/><protection_domain name=\"p\" priority=\"3\" budget=\"1ms\" "     \
    "period=\"2ms\"><program_image path=\"p.elf\"/><map mr=\"u\" vaddr=\"0x1000000\" perms=\"rw\"/>"            \
    "<map mr=\"m\" vaddr=\"0x2000000\"/><irq device=\"u\" id=\"2\"/><setvar symbol=\"s\" region_paddr=\"m\"/>"  \
    "</protection_domain></core>\n"                                                                             \
    "<core name=\"b\" hart=\"1\"><memory size=\"4MiB\" address=\"0x81000000\"/><protection_domain name=\"q\">"  \
    "<program_image path=\"q.elf\"/></protection_domain></core>\n"                                              \
    "<region name=\"r\" size=\"4KiB\" cores=\"a b\"/>\n"                                                        \
    "<channel max_rate=\"10/s\"><end pd=\"p\" id=\"1\"/><end pd=\"q\" id=\"1\"/></channel>\n"                   \
    "<task name=\"k\" pd=\"q\" period=\"1ms\" wcet=\"1us\"/><chain name=\"c\" tasks=\"k\" deadline=\"1ms\"/>\n" \
    "</system>\n"

static const char SYSTEM_SEED[] = SYSTEM_OF("");

static const char *const SYSTEMS_OF_TREES[] = {
    SYSTEM_SEED,
    SYSTEM_OF(" machine=\"virt-aclint\""),
    "<system><memory_region name=\"u\" size=\"0x1000\" phys_addr=\"0x10000000\"/>"
    "<memory_region name=\"m\" size=\"0x2000\"/><protection_domain name=\"p\" priority=\"3\">"
    "<program_image path=\"p.elf\"/><map mr=\"u\" vaddr=\"0x1000000\" cached=\"false\"/>"
    "<map mr=\"m\" vaddr=\"0x2000000\"/><irq irq=\"10\" id=\"1\"/></protection_domain>"
    "<protection_domain name=\"q\" cpu=\"1\"><program_image path=\"q.elf\"/><map mr=\"m\" vaddr=\"0x2000000\"/>"
    "</protection_domain><channel><end pd=\"p\" id=\"2\"/><end pd=\"q\" id=\"1\"/></channel></system>\n",
};

static u8 tree_seed[TREE_BYTES];
static u8 elf_seed[ELF_BYTES];

static void cpu_make(u32 id) {
    char name[16];
    snprintf(name, sizeof(name), "cpu@%u", id);
    fdt_begin_node(tree_seed, name);
    fdt_property_string(tree_seed, "device_type", "cpu");
    fdt_property_u32(tree_seed, "reg", id);
    fdt_property_u32(tree_seed, "phandle", CPU_HANDLES + id);
    fdt_property_u32(tree_seed, "d-cache-size", 32768);
    fdt_property_u32(tree_seed, "next-level-cache", CACHE_HANDLE);
    fdt_begin_node(tree_seed, "interrupt-controller");
    fdt_property_u32(tree_seed, "phandle", 10 + id);
    fdt_end_node(tree_seed);
    fdt_end_node(tree_seed);
}

// A cluster of both, over one cache.
static void cpu_map_make(void) {
    fdt_begin_node(tree_seed, "l2-cache");
    fdt_property_u32(tree_seed, "phandle", CACHE_HANDLE);
    fdt_property_u32(tree_seed, "cache-level", 2);
    fdt_property_u32(tree_seed, "cache-size", 1 << 20);
    fdt_end_node(tree_seed);
    fdt_begin_node(tree_seed, "cpu-map");
    fdt_begin_node(tree_seed, "cluster0");
    for (u32 id = 0; id < 2; id++) {
        fdt_begin_node(tree_seed, id ? "core1" : "core0");
        fdt_property_u32(tree_seed, "cpu", CPU_HANDLES + id);
        fdt_end_node(tree_seed);
    }
    fdt_end_node(tree_seed);
    fdt_end_node(tree_seed);
}

static void range_make(u64 base, u64 size) {
    fdt64_t reg[2] = {cpu_to_fdt64(base), cpu_to_fdt64(size)};
    fdt_property(tree_seed, "reg", reg, sizeof(reg));
}

static void controller_make(const char *name, const char *compatible, u64 base, u64 size,
                            u32 phandle) {
    fdt32_t causes[4] = {cpu_to_fdt32(10), cpu_to_fdt32(9), cpu_to_fdt32(11), cpu_to_fdt32(9)};
    fdt_begin_node(tree_seed, name);
    fdt_property_string(tree_seed, "compatible", compatible);
    range_make(base, size);
    fdt_property_u32(tree_seed, "phandle", phandle);
    fdt_property_u32(tree_seed, "msi-parent", 2);
    fdt_property_u32(tree_seed, "riscv,num-ids", 255);
    fdt_property_u32(tree_seed, "riscv,num-sources", 96);
    fdt_property_u32(tree_seed, "#interrupt-cells", 2);
    fdt_property(tree_seed, "interrupts-extended", causes, sizeof(causes));
    fdt_end_node(tree_seed);
}

static void tree_make(void) {
    fdt32_t interrupts[2] = {cpu_to_fdt32(10), cpu_to_fdt32(4)};
    fdt_create(tree_seed, TREE_BYTES);
    fdt_finish_reservemap(tree_seed);
    fdt_begin_node(tree_seed, "");
    fdt_property_u32(tree_seed, "#address-cells", 2);
    fdt_property_u32(tree_seed, "#size-cells", 2);
    fdt_begin_node(tree_seed, "memory@80000000");
    fdt_property_string(tree_seed, "device_type", "memory");
    range_make(0x80000000, 256ull << 20);
    fdt_end_node(tree_seed);
    fdt_begin_node(tree_seed, "cpus");
    fdt_property_u32(tree_seed, "#address-cells", 1);
    fdt_property_u32(tree_seed, "#size-cells", 0);
    fdt_property_u32(tree_seed, "timebase-frequency", 10000000);
    cpu_make(0);
    cpu_make(1);
    cpu_map_make();
    fdt_end_node(tree_seed);
    fdt_begin_node(tree_seed, "soc");
    fdt_property_u32(tree_seed, "#address-cells", 2);
    fdt_property_u32(tree_seed, "#size-cells", 2);
    controller_make("imsic@28000000", "riscv,imsics", 0x28000000, 0x2000, 2);
    controller_make("aplic@d000000", "riscv,aplic", 0xd000000, 0x8000, 3);
    fdt_begin_node(tree_seed, "serial@10000000");
    range_make(0x10000000, 0x100);
    fdt_property_u32(tree_seed, "interrupt-parent", 3);
    fdt_property(tree_seed, "interrupts", interrupts, sizeof(interrupts));
    fdt_end_node(tree_seed);
    fdt_end_node(tree_seed);
    fdt_end_node(tree_seed);
    fdt_finish(tree_seed);
}

static void elf_make(void) {
    Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                         .e_type = ET_EXEC,
                         .e_machine = EM_RISCV,
                         .e_version = EV_CURRENT,
                         .e_entry = 0x200000,
                         .e_phoff = sizeof(header),
                         .e_shoff = 1024,
                         .e_ehsize = sizeof(header),
                         .e_phentsize = sizeof(Elf64_Phdr),
                         .e_phnum = 1,
                         .e_shentsize = sizeof(Elf64_Shdr),
                         .e_shnum = 3};
    Elf64_Phdr segment = {.p_type = PT_LOAD,
                          .p_flags = PF_R | PF_X,
                          .p_offset = 512,
                          .p_vaddr = 0x200000,
                          .p_filesz = 128,
                          .p_memsz = 8192};
    Elf64_Sym symbols[2] = {
        {0},
        {.st_name = 1, .st_info = STT_OBJECT, .st_shndx = 1, .st_value = 0x200008, .st_size = 8}};
    Elf64_Shdr sections[3] = {{0},
                              {.sh_type = SHT_SYMTAB,
                               .sh_offset = 768,
                               .sh_size = sizeof(symbols),
                               .sh_link = 2,
                               .sh_entsize = sizeof(symbols[0])},
                              {.sh_type = SHT_STRTAB, .sh_offset = 900, .sh_size = 8}};
    memcpy(elf_seed, &header, sizeof(header));
    memcpy(elf_seed + sizeof(header), &segment, sizeof(segment));
    memcpy(elf_seed + 768, symbols, sizeof(symbols));
    memcpy(elf_seed + 900, "\0symbol", 8);
    memcpy(elf_seed + 1024, sections, sizeof(sections));
}

const u8 *input_seed(enum input_kind kind, size_t *bytes) {
    if (!tree_seed[0]) {
        tree_make();
        elf_make();
    }
    *bytes = kind == INPUT_SYSTEM ? sizeof(SYSTEM_SEED) - 1
             : kind == INPUT_TREE ? fdt_totalsize(tree_seed)
                                  : ELF_BYTES;
    return kind == INPUT_SYSTEM ? (const u8 *)SYSTEM_SEED
           : kind == INPUT_TREE ? tree_seed
                                : elf_seed;
}

static void drawings_try(struct arena *arena, const struct system *system) {
    FILE *nowhere = fopen("/dev/null", "w");
    show_text(arena, system, 0, (struct canvas_style){.unicode = true, .colour = true}, nowhere);
    show_text(arena, system, 300, (struct canvas_style){.unicode = false}, nowhere);
    show_svg(arena, system);
    fclose(nowhere);
}

// Everything after reading, as tools/load.c does it, without images; with a good system, also the emitters
// that need none.
static void system_try(struct arena *arena, const char *text, size_t bytes, const void *tree,
                       size_t tree_bytes) {
    struct diagnostics *diags = diagnostics_new(arena);
    struct document *document = document_parse(arena, diags, "fuzz.system", text, bytes);
    if (!document->count) {
        return;
    }
    bool microkit = document->dialect == DIALECT_MICROKIT;
    if (microkit) {
        microkit_console_add(arena, diags, document);
    }
    struct system *system = model_build(arena, diags, document);
    if (microkit) {
        microkit_pages_choose(system);
    }
    check_file(arena, diags, system);
    if (microkit) {
        microkit_memory_choose(system);
    }
    if (system->core_count && machine_read(arena, diags, system, tree, tree_bytes)) {
        if (microkit) {
            microkit_devices_find(arena, diags, system);
        }
        check_machine(arena, diags, system);
        check_topology(arena, diags, system);
        place_all(arena, diags, system, 1u << 20);
        pmp_fit(arena, diags, system);
    }
    check_images(arena, diags, system);
    char *why = NULL;
    if (!diagnostics_errors(diags)) {
        struct partition_layout layout = {.tree_bytes = 1};
        lower_json(arena, system);
        drawings_try(arena, system);
        emit_domains(arena, system, &why);
        for (unsigned i = 0; i < system->core_count; i++) {
            emit_slice(arena, system, &system->cores[i], &why);
            config_show(arena, emit_config(arena, system, &system->cores[i]));
            struct bytes record = emit_record(arena, system, &system->cores[i], &layout);
            if (record.data) {
                record_show(arena, record);
            }
        }
    }
    FILE *nowhere = fopen("/dev/null", "w");
    diagnostics_print(diags, nowhere);
    fclose(nowhere);
}

static void tree_try(struct arena *arena, const u8 *tree, size_t bytes) {
    u32 which = 0;
    if (bytes >= sizeof(struct fdt_header)) {
        which = fdt_boot_cpuid_phys(tree) % ARRAY_LENGTH(SYSTEMS_OF_TREES);
    }
    system_try(arena, SYSTEMS_OF_TREES[which], strlen(SYSTEMS_OF_TREES[which]), tree, bytes);
}

static void elf_try(struct arena *arena, const u8 *data, size_t bytes) {
    struct image *image = NULL;
    char *why = NULL;
    if (image_parse(arena, "fuzz.elf", (struct bytes){(u8 *)data, bytes}, &image, &why) ==
        IMAGE_OK) {
        struct suggestion suggestion = suggest_begin("symbil");
        image_offer_symbols(image, &suggestion);
        image_set_number(image, "symbol", 1);
        image_set_text(image, "symbol", "a text that is longer than the symbol");
    }
}

void input_try(enum input_kind kind, const u8 *data, size_t bytes) {
    struct arena *arena = arena_new();
    size_t tree_bytes;
    const u8 *tree = input_seed(INPUT_TREE, &tree_bytes);
    // Copies of exact length, so that the address sanitizer sees a read past the end.
    u8 *copy = arena_alloc(arena, bytes);
    memcpy(copy, data, bytes);
    switch (kind) {
    case INPUT_SYSTEM:
        system_try(arena, (const char *)copy, bytes, tree, tree_bytes);
        break;
    case INPUT_TREE:
        tree_try(arena, copy, bytes);
        break;
    default:
        elf_try(arena, copy, bytes);
        break;
    }
    arena_free(arena);
}
