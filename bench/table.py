#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""table.py: rows of benchmarks, a JSON object a line, as a table for people."""
import json
import sys

FORM = '{:<46} {:<14} {:>12} {:>12} {:>8} {:>7} {:>9} {:>9}  {}'


def mib(row, key):
    return f'{row[key] / 1024:.1f}' if key in row else ''


def amount(row, key):
    value = row.get(key)
    return '' if value is None else f'{value:.3f} s' if row['unit'] == 's' else f'{value:,.0f}'


print(FORM.format('work', 'against', 'spnkit', 'other', 'ratio', 'wanted', 'MiB', 'its MiB', ''))
for line in sys.stdin:
    row = json.loads(line)
    more = f"{row['round_trips']} round trips" if 'round_trips' in row else ''
    if 'reached' in row:
        more = ' '.join((f"worst of all shapes: {row['shape']}" if 'shape' in row else '', '' if row['reached'] else 'not reached')).strip()
    unit = '' if row['unit'] == 's' else f" ({row['unit']})"
    print(FORM.format(row['work'] + unit, row.get('tool', ''), amount(row, 'spnkit'), amount(row, 'other'), row.get('ratio', ''),
                      row.get('wanted', ''), mib(row, 'spnkit_kib'), mib(row, 'other_kib'), more), flush=True)
