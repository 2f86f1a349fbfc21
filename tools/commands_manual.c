// SPDX-License-Identifier: BSD-2-Clause
// The manual page, in the man macros (groff_man(7)), and the completion of bash, from the table of verbs.
#include <string.h>

#include "lib/types.h"
#include "tools/commands.h"
#include "tools/codes.h"

// Text for roff: backslashes and leading dots would be commands; dashes are to be copied as they are.
static void roff_put(FILE *out, const char *text) {
    for (; *text; text++) {
        if (*text == '-') {
            fputs("\\-", out);
        } else if (*text == '\\') {
            fputs("\\e", out);
        } else if (!strncmp(text, "…", 3)) {
            fputs("\\&...", out);
            text += 2;
        } else {
            fputc(*text, out);
        }
    }
}

static void command_put(FILE *out, const struct command *command) {
    fprintf(out, ".SS \"%s ", command->name);
    roff_put(out, command->usage);
    fputs("\"\n", out);
    roff_put(out, command->about);
    fputs(".\n", out);
    roff_put(out, command->more);
    fputc('\n', out);
    for (const struct command_option *option = command->options; option->name; option++) {
        fprintf(out, ".TP\n.B \\-\\-");
        roff_put(out, option->name);
        if (option->value) {
            fprintf(out, " \\fI%s\\fR", option->value);
        }
        fputc('\n', out);
        roff_put(out, option->about);
        fputc('\n', out);
    }
}

void commands_print_manual(FILE *out) {
    fputs(
        ".\\\" SPDX-License-Identifier: BSD-2-Clause\n"
        ".\\\" Printed by `skerry explain --manual` from tools/commands.c; edit there.\n"
        ".TH SKERRY 1 \"\" \"Skerry\" \"User Commands\"\n"
        ".SH NAME\nskerry \\- partition a machine between kernels, check it, boot it, measure it\n"
        ".SH SYNOPSIS\n.B ./skerry\n.I VERB\n\\&...\n"
        ".SH DESCRIPTION\n"
        "A system file says which hart, memory, device, interrupt and program belongs to which kernel, and "
        "which channels join them. The verbs check, draw, build, boot and measure such a system.\n"
        ".PP\nThe shell script of this name at the root of the tree installs what is missing, builds what "
        "is out of date and then starts the program.\n"
        ".SH VERBS\n",
        out);
    for (const struct command *command = COMMANDS; command->name; command++) {
        command_put(out, command);
    }
    fputs(
        ".SH EXIT STATUS\n"
        ".TP\n.B 0\ngood\n.TP\n.B 1\nthe system or a test failed\n.TP\n.B 2\nthe command was wrong\n"
        ".SH ENVIRONMENT\n"
        ".TP\n.B NO_COLOR\nif set, no colours\n"
        ".TP\n.B SKERRY_NO_INSTALL\nif set, missing packages are named and not installed\n"
        ".TP\n.B TMPDIR\nwhere a run keeps its files, unless \\-\\-log is given\n"
        ".TP\n.B COLUMNS\nwidth of a drawing that does not go to a terminal\n"
        ".SH FILES\n"
        ".TP\n.I examples/flight/flight.system\nthe demo, and what \\fBrun\\fR takes if nothing is named\n"
        ".TP\n.I docs/system\\-file.md\nall elements of system files\n"
        ".TP\n.I docs/errors.md\nall errors\n"
        ".TP\n.I tools/completion/skerry.bash\ncompletion: \\fBsource\\fR it in bash\n",
        out);
}

// The words of one verb: its options, and what may stand as an operand.
static void words_put(FILE *out, const struct command *command) {
    fprintf(out, "    %s)\n        options=\"--help", command->name);
    for (const struct command_option *option = command->options; option->name; option++) {
        fprintf(out, " --%s", option->name);
    }
    if (command->run == cmd_explain) {
        fputs(" --all --elements --words --schema --manual --completion", out);
    }
    fputs("\"\n", out);
    bool takes_system =
        !strncmp(command->usage, "SYSTEM", 6) || !strncmp(command->usage, "[SYSTEM", 7);
    if (takes_system) {
        fputs("        files=system\n", out);
    } else if (command->run == cmd_explain) {
        fputs("        words=\"", out);
        for (unsigned i = 0; i < CODES; i++) {
            fprintf(out, "%s%s", i ? " " : "", code_name((enum code)i));
        }
        fputs("\"\n", out);
    } else if (command->run == cmd_test) {
        fputs(
            "        words=\"unit model race fuzz golden checks target quick coverage syscall boot-record package system-file device-tree elf\"\n",
            out);
    }
    fputs("        ;;\n", out);
}

// What may follow an option.
static void values_put(FILE *out) {
    fputs(
        "    case $before in\n"
        "    --variant) COMPREPLY=($(compgen -W 'debug release bench' -- \"$word\")); return ;;\n"
        "    --log | --output | -o | --build-folder) COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
        "    --svg | --json | --csv | --html | --against | --from | --dtb | --root-task)\n"
        "        # show --json takes no value\n"
        "        if [ \"$verb\" != show ] || [ \"$before\" != --json ]; then\n"
        "            COMPREPLY=($(compgen -f -- \"$word\")); return\n"
        "        fi ;;\n"
        "    --devices) COMPREPLY=($(compgen -W 'virt-aia virt-aclint virt-plain' -- \"$word\")); return ;;\n"
        "    --engine) COMPREPLY=($(compgen -W 'libfuzzer afl' -- \"$word\")); return ;;\n"
        "    --timeout | --time | --jobs | --seed | --only | --memory | --cnode-bits | --domains | --init | --profile) return ;;\n"
        "    esac\n",
        out);
}

void commands_print_completion(FILE *out) {
    fputs("# SPDX-License-Identifier: BSD-2-Clause\n"
          "# Completion of ./skerry for bash: `source tools/completion/skerry.bash`.\n"
          "# Printed by `skerry explain --completion` from tools/commands.c; edit there.\n\n"
          "_skerry() {\n"
          "    local word=$2 before=$3 verb=${COMP_WORDS[1]} options= words= files=\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        COMPREPLY=($(compgen -W '",
          out);
    for (const struct command *command = COMMANDS; command->name; command++) {
        fprintf(out, "%s ", command->name);
    }
    fputs("--help --version' -- \"$word\"))\n        return\n    fi\n", out);
    values_put(out);
    fputs("    case $verb in\n", out);
    for (const struct command *command = COMMANDS; command->name; command++) {
        words_put(out, command);
    }
    fputs(
        "    esac\n"
        "    if [ \"${word#-}\" != \"$word\" ]; then\n"
        "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
        "    elif [ -n \"$files\" ]; then\n"
        "        # Folders, to go on in, and system files.\n"
        "        compopt -o filenames 2>/dev/null\n"
        "        COMPREPLY=($(compgen -d -- \"$word\") $(compgen -f -X \"!*.$files\" -- \"$word\"))\n"
        "    else\n"
        "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
        "    fi\n"
        "}\n"
        "complete -F _skerry skerry ./skerry\n",
        out);
}
