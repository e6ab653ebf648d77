# SPDX-License-Identifier: MIT
# bash completion of spnkit: commands and options are asked of spnkit itself, names and accounts only of an LDIF file

_spnkit_words() {                                      # the commands, or the options of COMMAND with those of every command
  if [ "$1" = commands ]; then
    "${COMP_WORDS[0]}" help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
  else
    { "${COMP_WORDS[0]}" help; [ -z "$2" ] || "${COMP_WORDS[0]}" help "$2"; } 2>/dev/null |
      sed -n 's/^  -\(.\), --\([a-z-]*\).*/-\1\n--\2/p; s/^      --\([a-z-]*\).*/--\1/p'
  fi
}

_spnkit_values() {                                     # values of an attribute in the directory, if that is a file; none that a shell could run
  local file=${2#ldif:}
  [ "$file" != "$2" ] && [ -f "${file/#\~/$HOME}" ] && sed -n "s/^$1: \([[:alnum:] /.:_@-]*\\\$\{0,1\}\)\$/\1/p" -- "${file/#\~/$HOME}"
}

_spnkit_offer() {                                      # the lines that begin as the word does; unlike compgen -W, which expands them
  local line
  while IFS= read -r line; do [[ $line == "$cur"* ]] && COMPREPLY+=("$line"); done
}

_spnkit() {
  local line=${COMP_LINE:0:COMP_POINT} words cur prev command='' url=${SPNKIT_DIRECTORY:-} i IFS=$' \t\n'
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur=${words[-1]} prev=${words[-2]:-}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    case ${words[i]} in
      -H | --directory) url=${words[++i]} ;;
      --directory=*) url=${words[i]#*=} ;;
      -[TkpD] | --domain | --cacert | --keytab | --principal | --ccache | --bind-dn | --password-file | --sasl-mech | --authzid | --timeout | --rules | --format | --journal) ((i++)) ;;
      -*) ;;
      *) [ -n "$command" ] || command=${words[i]} ;;
    esac
  done
  IFS=$'\n' COMPREPLY=()
  # shellcheck disable=SC2207 # a line is a word
  case $prev in
    -H | --directory)
      case $cur in
        ldif:*) COMPREPLY=($(compgen -P ldif: -f -- "${cur#ldif:}")) ;;
        *) COMPREPLY=($(compgen -W $'ldif:\nldap://\nldaps://\nldapi://' -- "$cur")) ;;
      esac ;;
    --format) COMPREPLY=($(compgen -W $'text\nldif\nsetspn\npowershell\njson\nnagios\nprometheus' -- "$cur")) ;;
    --sasl-mech) COMPREPLY=($(compgen -W $'GSS-SPNEGO\nEXTERNAL\nSCRAM-SHA-256\nSCRAM-SHA-512\nDIGEST-MD5' -- "$cur")) ;;
    --rules) COMPREPLY=($(compgen -W $'windows\nsamba' -- "$cur")) ;;
    -k | --keytab | --cacert | --password-file | --journal) COMPREPLY=($(compgen -f -- "$cur")) ;;
    *)
      case $cur,$command in
        -*) COMPREPLY=($(compgen -W "$(_spnkit_words options "$command")" -- "$cur")) ;;
        *, | *,help) COMPREPLY=($(compgen -W "$(_spnkit_words commands)" -- "$cur")) ;;
        *,apply | *,undo | *,check-keytab) COMPREPLY=($(compgen -f -- "$cur")) ;;
        */*) _spnkit_offer < <(_spnkit_values servicePrincipalName "$url") ;;
        *) _spnkit_offer < <(_spnkit_values sAMAccountName "$url") ;;
      esac ;;
  esac
  # bash takes ':' for the end of a word: what stands before it is there already
  [[ $cur == *:* && ${COMP_WORDBREAKS:-} == *:* ]] && COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*:}"}"}")
  return 0
}
complete -o filenames -F _spnkit spnkit
