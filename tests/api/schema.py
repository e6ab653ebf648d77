#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""schema.py SCHEMA [MANUAL] FILE...: each line of the files that is a JSON object is a record that the schema describes, with all its keys;
with a manual (spnkit.1), each key of the schema is in it.  A FILE may be a folder: then out and err of all folders in it.

The schema is for everybody, who may meet keys of later versions; here, a key that it does not have is a fault.
"""
import json
import pathlib
import re
import sys

TYPES = {'string': str, 'integer': int, 'boolean': bool, 'array': list, 'object': dict, 'null': type(None)}
KNOWN = {'type', 'enum', 'properties', 'required', 'items', 'additionalProperties', 'anyOf', '$ref', 'description', 'definitions', 'title', '$schema'}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (name == 'integer' and isinstance(value, bool))


def faults(value, schema, root, where):
    """Yields what is wrong."""
    assert set(schema) <= KNOWN, f'{where}: keywords that this test does not know: {set(schema) - KNOWN}'
    if '$ref' in schema:
        yield from faults(value, root['definitions'][schema['$ref'].split('/')[-1]], root, where)
        return
    if 'anyOf' in schema:
        tried = [list(faults(value, part, root, where)) for part in schema['anyOf']]
        if all(tried):
            yield min(tried, key=len)[0]
        return
    types = schema.get('type', [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_type(value, name) for name in types):
        yield f'{where}: {json.dumps(value)} is no {" or ".join(types)}'
        return
    if 'enum' in schema and value not in schema['enum']:
        yield f'{where}: {json.dumps(value)} is none of {schema["enum"]}'
    if isinstance(value, dict):
        yield from (f'{where}: {key} is missing' for key in schema.get('required', []) if key not in value)
        for key, part in value.items():
            known = schema.get('properties', {}).get(key, schema.get('additionalProperties'))
            if known is None:
                yield f'{where}: {key} is not described'
            else:
                yield from faults(part, known, root, f'{where}.{key}')
    if isinstance(value, list):
        for part in value:
            yield from faults(part, schema.get('items', {}), root, where + '[]')


def keys_of(schema):
    if isinstance(schema, dict):
        yield from schema.get('properties', {})
        for part in schema.values():
            yield from keys_of(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys_of(part)


def records(files):
    for file in files:
        path = pathlib.Path(file)
        for each in sorted(path.glob('*/out')) + sorted(path.glob('*/err')) if path.is_dir() else [path]:
            for line in each.read_text(encoding='utf-8', errors='replace').splitlines():
                try:
                    record = json.loads(line) if line.startswith('{') else None
                except ValueError:
                    continue # text with braces
                if record:
                    yield f'{each.parent.name}/{each.name}', record


def main(schema, *files):
    root, found, n = json.loads(pathlib.Path(schema).read_text(encoding='utf-8')), [], 0
    if files[0].endswith('.1'):
        output = re.search(r'^\.Sh OUTPUT\n(.*?)^The codes of findings', pathlib.Path(files[0]).read_text(encoding='utf-8'), flags=re.S | re.M)
        words = set(re.findall(r'[a-z0-9_]+', output.group(1)))
        found += [f'{key}: not in the manual' for key in sorted(set(keys_of(root)) - words)]
        files = files[1:]
    for where, record in records(files):
        n += 1
        found += faults(record, root, root, where)
    print('\n'.join(found) or f'{n} records are as described')
    return 1 if found or n == 0 else 0


sys.exit(main(*sys.argv[1:]))
