# SPDX-License-Identifier: MIT
# fish completion of spnkit: commands and options are asked of spnkit itself, names and accounts only of an LDIF file

function __spnkit_command # the command on the line, or nothing
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case -H --directory -T -k -p -D --domain --cacert --keytab --principal --ccache --bind-dn --password-file --timeout --rules --format --journal
                set skip yes
            case '-*'
            case '*'
                echo $word
                return
        end
    end
end

function __spnkit_before # there is no command yet, or help's is wanted
    set -l command (__spnkit_command)
    contains -- "$command" "" help
end

function __spnkit_wants # the last word before the cursor is one of these options
    contains -- (commandline -opc)[-1] $argv
end

function __spnkit_commands
    spnkit help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\)  *\(.*\)/\1\t\2/p'
end

function __spnkit_options
    begin
        spnkit help
        set -l command (__spnkit_command)
        test -z "$command"; or spnkit help $command
    end 2>/dev/null | sed -n 's/^  \(-.\), \(--[a-z-]*\)[^a-z]* *\([A-Z]* \)* *\(.*\)/\1\t\4\n\2\t\4/p; s/^      \(--[a-z-]*\) *\([A-Z]* \)* *\(.*\)/\1\t\3/p'
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
    test -f $file; and sed -n "s/^$argv[1]: //p" $file
end

complete -c spnkit -f
complete -c spnkit -n '__spnkit_wants -H --directory' -a 'ldif:(__fish_complete_path (string replace ldif: "" -- (commandline -ct))) ldap:// ldaps:// ldapi://'
complete -c spnkit -n '__spnkit_wants --format' -a 'text ldif setspn powershell json'
complete -c spnkit -n '__spnkit_wants --rules' -a 'windows samba'
complete -c spnkit -n '__spnkit_wants -k --keytab --cacert --password-file --journal' -F
complete -c spnkit -n 'string match -q -- "-*" (commandline -ct)' -a '(__spnkit_options)'
complete -c spnkit -n __spnkit_before -a '(__spnkit_commands)'
complete -c spnkit -n 'set -l command (__spnkit_command); contains -- "$command" apply undo check-keytab' -F
complete -c spnkit -n 'not __spnkit_before; and string match -q "*/*" -- (commandline -ct)' -a '(__spnkit_values servicePrincipalName)'
complete -c spnkit -n 'not __spnkit_before; and not string match -q "*/*" -- (commandline -ct)' -a '(__spnkit_values sAMAccountName)'
