#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py FILE...: a C source with the bytes of each file, and the hash by which a page's content security policy allows it."""
import base64
import hashlib
import pathlib
import sys

print('#include "report/page_assets.h"')
for path in map(pathlib.Path, sys.argv[1:]):
    data = path.read_bytes()
    name = path.name.replace('.', '_')
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    print(f'static const char {name}_data[] = {{ {", ".join(map(str, data))} }};')
    print(f'const spk_asset spk_{name} = {{ {name}_data, sizeof {name}_data, "sha256-{digest}" }};')
