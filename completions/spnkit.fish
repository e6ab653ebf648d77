# SPDX-License-Identifier: MIT
# fish completion of spnkit: commands and options are asked of spnkit itself, names and accounts only of an LDIF file

set -g __spnkit_with_value -H --directory -T -k -p -D --domain --cacert --keytab --principal --ccache --bind-dn --password-file --sasl-mech --authzid --timeout --rules --format --journal

function __spnkit_command # the command on the line, or nothing
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        if contains -- $word $__spnkit_with_value
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
end

function __spnkit_wants # the last word before the cursor is one of these options
    contains -- (commandline -opc)[-1] $argv
end

function __spnkit_help # help with what it breaks into lines put together again
    spnkit help $argv 2>/dev/null | sed -e ':again' -e 'N; s/\n           *\([^ -]\)/ \1/; t again' -e 'P; D'
end

function __spnkit_is # the word at the cursor is no value of an option, but an option, a command, a file, an spn, an account
    set -l command (__spnkit_command)
    set -l word (commandline -ct)
    __spnkit_wants $__spnkit_with_value; and return 1
    if string match -q -- '-*' $word
        test $argv = option
    else if contains -- "$command" "" help
        test $argv = command
    else if contains -- $command apply undo check-keytab
        test $argv = file
    else if string match -q '*/*' -- $word
        test $argv = spn
    else
        test $argv = account
    end
end

function __spnkit_commands
    __spnkit_help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\)  *\(.*\)/\1\t\2/p'
end

function __spnkit_options
    begin
        __spnkit_help
        set -l command (__spnkit_command)
        test -z "$command"; or __spnkit_help $command
    end | sed -n 's/^  \(-.\), \(--[a-z-]*\)[^ ]*\( [A-Z][A-Z]*\)\{0,1\}  *\(.*\)/\1\t\4\n\2\t\4/p; s/^      \(--[a-z-]*\)[^ ]*\( [A-Z][A-Z]*\)\{0,1\}  *\(.*\)/\1\t\3/p'
end

function __spnkit_values # values of an attribute in the directory, if that is a file
    set -l url $SPNKIT_DIRECTORY
    set -l words (commandline -opc)
    for i in (seq (count $words))
        switch $words[$i]
            case -H --directory
                set url $words[(math $i + 1)]
            case '--directory=*'
                set url (string replace -- --directory= '' $words[$i])
        end
    end
    string match -q 'ldif:*' -- $url; or return
    set -l file (string replace ldif: '' -- $url | string replace -r '^~' $HOME)
    # none that a shell could run
    test -f $file; and sed -n 's/^'$argv[1]': \([[:alnum:] /.:_@-]*\$\{0,1\}\)$/\1/p' -- $file
end

complete -c spnkit -f
complete -c spnkit -n '__spnkit_wants -H --directory' -a 'ldif:(__fish_complete_path (string replace ldif: "" -- (commandline -ct))) ldap:// ldaps:// ldapi://'
complete -c spnkit -n '__spnkit_wants --format' -a 'text ldif setspn powershell json nagios prometheus'
complete -c spnkit -n '__spnkit_wants --sasl-mech' -a 'GSS-SPNEGO EXTERNAL SCRAM-SHA-256 SCRAM-SHA-512 DIGEST-MD5'
complete -c spnkit -n '__spnkit_wants --rules' -a 'windows samba'
complete -c spnkit -n '__spnkit_wants -k --keytab --cacert --password-file --journal' -F
complete -c spnkit -n '__spnkit_is option' -a '(__spnkit_options)'
complete -c spnkit -n '__spnkit_is command' -a '(__spnkit_commands)'
complete -c spnkit -n '__spnkit_is file' -F
complete -c spnkit -n '__spnkit_is spn' -a '(__spnkit_values servicePrincipalName)'
complete -c spnkit -n '__spnkit_is account' -a '(__spnkit_values sAMAccountName)'
