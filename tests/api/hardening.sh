#!/bin/bash
# SPDX-License-Identifier: MIT
# hardening.sh BINARY... - each is position independent, with full RELRO, a stack that is not executable, a stack protector and FORTIFY
set -eu
failed=0
for file; do
  headers=$(readelf -Wlhd "$file") symbols=$(readelf -Ws --dyn-syms "$file")
  has() { grep -qE -- "$2" <<<"$1" || { echo "$file: $3"; failed=1; }; }
  has "$headers" 'Type: +DYN' 'not position independent'
  has "$headers" 'GNU_RELRO' 'no RELRO'
  has "$headers" 'BIND_NOW|Flags:.* NOW' 'RELRO is not full: symbols are bound late'
  has "$headers" 'GNU_STACK.* RW +0x' 'the stack may be executable'
  has "$symbols" '__stack_chk_fail' 'no stack protector'
  has "$symbols" '__[a-z]+_chk(@|$)' 'no FORTIFY'
done
exit $failed
