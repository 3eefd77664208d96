/* SPDX-License-Identifier: Apache-2.0 */
/* bs-apt-sources.h — where apt gets packages from, in both notations (sources.list(5)), and the part of it that is
 * Debian
 *
 * What apt itself would not understand is passed over: apt complains about its configuration better than we could.
 */
#pragma once

#include <glib.h>

/* One archive and one suite of it. */
typedef struct
{
  char *uri;        /* without '/' at the end */
  char *suite;      /* "bookworm-security" */
  char *components; /* "main contrib" */
  char *signed_by;  /* (nullable) path, fingerprints, or a whole key, as it stood there */
  gboolean trusted; /* Trusted: yes */
} BsAptSource;

void bs_apt_source_free (BsAptSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsAptSource, bs_apt_source_free)

/**
 * bs_apt_sources_parse:
 * @deb822: stanzas of fields (a file "….sources") and not lines ("….list")
 * @architecture: sources that are for others only are left out
 *
 * Binary packages over HTTP or HTTPS only. Adds a BsAptSource for each pair of URI and suite.
 */
void bs_apt_sources_parse (const char *text, gboolean deb822, const char *architecture, GPtrArray *sources);

/* All of @etc_apt ("/etc/apt"): sources.list and sources.list.d, by name. (transfer full) (element-type BsAptSource) */
GPtrArray *bs_apt_sources_read (const char *etc_apt, const char *architecture);

/**
 * bs_apt_sources_for:
 * @release: "bookworm"
 * @lists_dir: "/var/lib/apt/lists": tells who publishes a suite, where apt has fetched it
 *
 * The sources of Debian's @release, of its updates and of its security updates. A host that has another Debian gives
 * the archives, which hold all of them.
 *
 * Returns: (transfer full) (element-type BsAptSource): at least the release itself; or NULL with %BS_ERROR_HOST and a
 * hint
 */
GPtrArray *bs_apt_sources_for (GPtrArray *sources, const char *release, const char *lists_dir, GError **error);

/* As stanzas; (transfer full). */
char *bs_apt_sources_format (GPtrArray *sources);

/* The file of @lists_dir that @source's signed index is in: "HOST_PATH_dists_SUITE_InRelease"; (transfer full) */
char *bs_apt_source_list_path (const BsAptSource *source, const char *lists_dir, const char *leaf);
