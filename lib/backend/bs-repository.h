/* SPDX-License-Identifier: Apache-2.0 */
/* bs-repository.h — an extra source of packages, from the topology's line to the words of the machine's own tool
 *
 * For apt the line is sources.list(5)'s one-line form, "deb [arch=amd64] URL SUITE COMPONENT…", and becomes a deb822
 * stanza. For dnf and apk it is the URL alone. What a file of that form cannot hold is refused.
 */
#pragma once

#include <glib.h>

typedef enum
{
  BS_REPOSITORY_APT,
  BS_REPOSITORY_URL, /* dnf or apk, as the machine has it */
} BsRepositoryKind;

/**
 * bs_repository_check:
 *
 * Returns: FALSE with %BS_ERROR_INVALID, which names what is wrong in @line
 */
gboolean bs_repository_check (const char *line, BsRepositoryKind *kind, GError **error);

/**
 * bs_repository_deb822:
 * @signed_by: (nullable): path in the machine of the key that alone may sign it
 *
 * Returns: (transfer full): the content of a .sources file; NULL with %BS_ERROR_INVALID
 */
char *bs_repository_deb822 (const char *line, const char *signed_by, GError **error);

/* The content of a .repo file for dnf, whose section is @id; @key: a path in the machine, or a URL. (transfer full) */
char *bs_repository_dnf (const char *url, const char *id, const char *key);

/* A name for its files that is the same for the same source: "benchscale-1f0a9c3b22d1"; (transfer full) */
char *bs_repository_id (const char *line, const char *key);
