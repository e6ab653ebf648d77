#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""audit.py DIRECTORY: what is wrong in a domain, as Python sees it: the objects of "spnkit audit --json", with ctypes alone."""
import ctypes
import json
import sys
from query import Error

ON_FINDING = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(Error))
JSON = 1


class ReportOptions(ctypes.Structure):
    _fields_ = [('version', ctypes.c_uint), ('format', ctypes.c_int), ('out', ctypes.c_void_p), ('messages', ctypes.c_void_p),
                ('columns', ctypes.c_uint), ('colour', ctypes.c_bool), ('as_setspn', ctypes.c_bool), ('plan_on_out', ctypes.c_bool)]


libc = ctypes.CDLL(None)
libc.open_memstream.restype = ctypes.c_void_p
libc.fclose.argtypes = libc.free.argtypes = [ctypes.c_void_p]
spnkit = ctypes.CDLL('libspnkit.so.0')
spnkit.spn_directory_free.argtypes = spnkit.spn_report_free.argtypes = [ctypes.c_void_p]
spnkit.spn_report_cause.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
spnkit.spn_report_flush.argtypes = [ctypes.c_void_p, ctypes.POINTER(Error)]
spnkit.spn_audit.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ON_FINDING, ctypes.c_void_p, ctypes.POINTER(Error)]


@ON_FINDING
def take(finding, report, _err):
    spnkit.spn_report_cause(report, finding)
    return 0


def main(url):
    err, directory, report = Error(), ctypes.c_void_p(), ctypes.c_void_p()
    text, size = ctypes.c_char_p(), ctypes.c_size_t()
    file = libc.open_memstream(ctypes.byref(text), ctypes.byref(size))
    options = ReportOptions(version=1, format=JSON, out=file)
    status = spnkit.spn_directory_open(url.encode(), None, ctypes.byref(directory), ctypes.byref(err))
    status = status or spnkit.spn_report_new(ctypes.byref(options), ctypes.byref(report), ctypes.byref(err))
    status = status or spnkit.spn_audit(directory, None, take, report, ctypes.byref(err))
    status = status or spnkit.spn_report_flush(report, ctypes.byref(err))
    spnkit.spn_report_free(report)
    spnkit.spn_directory_free(directory)
    libc.fclose(file)
    for line in [] if status else text.value.decode().splitlines():
        finding = json.loads(line)
        print(finding['severity'], finding['code'], repr(finding['spn']), finding['repair'])
    libc.free(text)
    if status:
        print(err.message.decode(), file=sys.stderr)
    return 1 if status else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
