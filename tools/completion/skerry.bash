# SPDX-License-Identifier: BSD-2-Clause
# Completion of ./skerry for bash: `source tools/completion/skerry.bash`.
# Printed by `skerry explain --completion` from tools/commands.c; edit there.

_skerry() {
    local word=$2 before=$3 verb=${COMP_WORDS[1]} options= words= files=
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W 'run build check show gdb bench test doctor explain --help --version' -- "$word"))
        return
    fi
    case $before in
    --variant) COMPREPLY=($(compgen -W 'debug release bench' -- "$word")); return ;;
    --log | --output | -o | --build-folder) COMPREPLY=($(compgen -d -- "$word")); return ;;
    --svg | --json | --csv | --html | --against | --from | --dtb | --root-task)
        # show --json takes no value
        if [ "$verb" != show ] || [ "$before" != --json ]; then
            COMPREPLY=($(compgen -f -- "$word")); return
        fi ;;
    --devices) COMPREPLY=($(compgen -W 'virt-aia virt-aclint virt-plain' -- "$word")); return ;;
    --engine) COMPREPLY=($(compgen -W 'libfuzzer afl' -- "$word")); return ;;
    --timeout | --time | --jobs | --seed | --only | --memory | --cnode-bits | --domains | --init | --profile) return ;;
    esac
    case $verb in
    run)
        options="--help --timeout --only --log --paths --full --root-task --variant --machine --memory --cnode-bits --domains --check-interval --dtb --build-folder"
        files=system
        ;;
    build)
        options="--help --output --dtb --machine --variant --build-folder"
        files=system
        ;;
    check)
        options="--help --dtb --machine --variant --build-folder"
        files=system
        ;;
    show)
        options="--help --svg --json --init --devices --dtb --machine --variant --build-folder"
        files=system
        ;;
    gdb)
        options="--help --print --dtb --build-folder"
        files=system
        ;;
    bench)
        options="--help --json --csv --html --against --from --variant --profile --parts --system --rows --build-folder"
        ;;
    test)
        options="--help --quick --coverage --time --engine --jobs --seed"
        words="unit model race fuzz golden checks target quick coverage syscall boot-record package system-file device-tree elf"
        ;;
    doctor)
        options="--help"
        ;;
    explain)
        options="--help --all --elements --words --schema --manual --completion"
        words="SK001 SK002 SK003 SK004 SK005 SK006 SK007 SK008 SK009 SK010 SK011 SK012 SK013 SK014 SK015 SK016 SK017 SK018 SK020 SK021 SK022 SK023 SK024 SK025 SK026 SK027 SK028 SK029 SK030 SK031 SK032 SK033 SK034 SK035 SK036 SK037 SK038 SK039 SK040 SK041 SK042 SK043 SK044 SK045 SK050 SK051 SK052 SK053 SK054 SK055 SK056 SK057 SK058 SK059 SK060 SK061 SK062 SK063 SK064 SK065 SK070 SK071 SK072 SK073 SK074 SK075 SK076 SK077 SK078 SK080 SK081 SK082"
        ;;
    esac
    if [ "${word#-}" != "$word" ]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    elif [ -n "$files" ]; then
        # Folders, to go on in, and system files.
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -d -- "$word") $(compgen -f -X "!*.$files" -- "$word"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$word"))
    fi
}
complete -F _skerry skerry ./skerry
