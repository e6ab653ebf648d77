/* SPDX-License-Identifier: MIT */
/* cleanup.h - objects that are freed when their scope ends */
#ifndef SPK_CLEANUP_H
#define SPK_CLEANUP_H

#include <stdlib.h>

static inline void spk_cleanup_memory(void *where)
{
	free(*(void **)where);
}

/* SPK_AUTOFREE char *text = NULL; */
#define SPK_AUTOFREE __attribute__((cleanup(spk_cleanup_memory)))

/* SPK_DEFINE_AUTO(spn_entry, spn_entry_free) lets one write SPK_AUTO(spn_entry) *entry = NULL; */
#define SPK_DEFINE_AUTO(type, free_fn) \
	static inline void spk_cleanup_##type(type **where) \
	{ \
		free_fn(*where); \
	}
#define SPK_AUTO(type) __attribute__((cleanup(spk_cleanup_##type))) type

#endif
