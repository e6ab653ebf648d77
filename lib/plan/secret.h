/* SPDX-License-Identifier: MIT */
/* secret.h - attributes that no plan carries */
#ifndef SPK_SECRET_H
#define SPK_SECRET_H

#include <stdbool.h>

/* Whether an attribute holds a password or a key, or may. */
bool spk_attr_is_secret(const char *attr);

#endif
