#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""readme.py README EXAMPLE: the first C example of the README is the example file, but for its comments at the top."""
import pathlib
import re
import sys

readme, example = (pathlib.Path(path).read_text(encoding='utf-8') for path in sys.argv[1:3])
block = re.search(r'^```c\n(.*?)^```$', readme, flags=re.M | re.S)
code = re.sub(r'\A(/\*.*?\*/\n)*', '', example, flags=re.S)
if not block or block.group(1) not in (example, code):
    sys.exit(f'{sys.argv[1]}: its first ```c block is not {sys.argv[2]}')
