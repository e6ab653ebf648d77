#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""query.py DIRECTORY NAME: who holds a name?  The library from Python, with ctypes alone."""
import ctypes
import sys


class Error(ctypes.Structure):
    _fields_ = [('status', ctypes.c_int), ('family', ctypes.c_int), ('native', ctypes.c_int), ('win32', ctypes.c_uint32),
                ('message', ctypes.c_char * 500), ('remedy', ctypes.c_int), ('remedy_at', ctypes.c_char * 256)]


class Bytes(ctypes.Structure):
    _fields_ = [('data', ctypes.c_char_p), ('len', ctypes.c_size_t)]


ON_ACCOUNT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Bytes), ctypes.c_size_t, ctypes.c_void_p,
                              ctypes.POINTER(Error))
spnkit = ctypes.CDLL('libspnkit.so.0')
spnkit.spn_account_dn.restype = ctypes.c_char_p
spnkit.spn_account_dn.argtypes = [ctypes.c_void_p]
spnkit.spn_directory_free.argtypes = [ctypes.c_void_p]
spnkit.spn_directory_free.restype = ctypes.c_void_p
spnkit.spn_query.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_bool, ON_ACCOUNT, ctypes.c_void_p, ctypes.POINTER(Error)]


@ON_ACCOUNT
def show(account, spns, n, _data, _err):
    for i in range(n):
        # repr: a terminal would obey what may be in them
        print(repr(spns[i].data.decode()), 'is held by', repr(spnkit.spn_account_dn(account).decode()))
    return 0


def main(url, name):
    err, directory = Error(), ctypes.c_void_p()
    status = spnkit.spn_directory_open(url.encode(), None, ctypes.byref(directory), ctypes.byref(err))
    if status == 0:
        status = spnkit.spn_query(directory, name.encode(), False, show, None, ctypes.byref(err))
    spnkit.spn_directory_free(directory)
    if status:
        print(err.message.decode(), file=sys.stderr)
    return 1 if status else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
