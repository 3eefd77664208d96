/* SPDX-License-Identifier: Apache-2.0 */
/* bs-module.h — kernel modules and what each needs, read from the modules themselves
 *
 * A package of a kernel has no modules.dep (its installation would make one), so dependencies come from
 * the `depends=` field inside each module.
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *name;      /* as in /proc/modules: underscores */
  GBytes *content; /* unpacked, without signature */
} BsModule;

/**
 * bs_module_collect:
 * @folder: of one kernel version; has modules.order and modules.builtin
 * @names: NULL-terminated; one that is built in or does not exist is left out
 *
 * Returns: (transfer full) (element-type BsModule): @names and all they need, in the order to load them; NULL with an
 * error
 */
GPtrArray *bs_module_collect (const char *folder, const char *const *names, GError **error);

/* The value of @key ("depends") in a module's .modinfo; (nullable) (transfer full) */
char *bs_module_info (const void *data, gsize length, const char *key);

/* Length of a module without its signature: checking one costs more than loading the module, and none is required. */
gsize bs_module_unsigned_length (const void *data, gsize length);
