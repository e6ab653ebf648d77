# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# private.sh - sourced by lab and slapd: a tree of processes in namespaces of its own, without root
#
# The shell that unshares stays outside of the new pid namespace and only waits, so that it dies of a signal like any program;
# its one child is the init of the namespace and is killed with it (--pdeathsig), and the kernel then removes everything else:
# processes, mounts, network.  Ctrl-C reaches the command inside, which shares the terminal's process group.

here=$(cd "${0%/*}" && pwd) me=${0##*/}
self=$here/$me
PATH=$PATH:/usr/sbin:/sbin
say() { echo "$me: $*" >&2; }
die() { say "$*"; exit 125; }

private() {                                            # private ARG...: run this script with ARG as that init, exit as it does
  # shellcheck disable=SC2016
  exec unshare -Urnmup bash -c 'setpriv --pdeathsig KILL -- "$@"; exit $?' private "$self" "$@"
}

private_dir() {                                        # private_dir DIR: an empty tmpfs on a folder that exists; a proc that fits
  mount -t proc proc /proc 2>/dev/null || :            # not allowed in some containers, and not needed
  mount -t tmpfs -o mode=755 "$me" "$1"
  hostname client
  ip link set lo up
}
