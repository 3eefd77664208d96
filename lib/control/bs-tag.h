/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tag.h — the mark of ownership that every outside object of a lab bears
 *
 * "benchscale:STATE:LAB:UUID:ROLE" with ROLE "supervisor", "switch" or "node:NAME". STATE is 12 hex digits of the
 * SHA-256 of the state folder's canonical path, so that labs of one state folder are never taken for leftovers of
 * another, even when the folder's content was lost. A process bears it as one whole argument in one place: supervisor
 * and switch as their first, a machine after QEMU's "-name". Elsewhere in a command line it is only spoken of.
 */
#pragma once

#include "bs-process.h"

/* (transfer full) the mark of a state folder, e.g. "3fd0a1b2c3d4" */
char *bs_tag_state_id (const char *state_dir);

/* (transfer full); @node: (nullable) with role "node" */
char *bs_tag_format (const char *state_id, const char *lab, const char *uuid, const char *role, const char *node);

/* Prefixes for bs_tag_find(), each ending in ':'; (transfer full) */
char *bs_tag_prefix_state (const char *state_id);
char *bs_tag_prefix_lab (const char *state_id, const char *lab);
char *bs_tag_prefix_uuid (const char *state_id, const char *lab, const char *uuid);

typedef struct
{
  char *state_id, *lab, *uuid, *role, *node; /* (owned); node NULL unless role is "node" */
} BsTag;

/* Returns: FALSE when @text is no tag; @tag is filled (clear with bs_tag_clear()) on TRUE. */
gboolean bs_tag_parse (const char *text, BsTag *tag);
void bs_tag_clear (BsTag *tag);

/* The tag that a process of this command line bears; NULL when it bears none: somebody's grep, debugger or script. */
const char *bs_tag_argument (char *const *argv);
/* As above, parsed. Returns: FALSE when there is none. */
gboolean bs_tag_of_process (const BsProcess *process, BsTag *tag);
/* bs_process_find() without those that only speak of a tag. (transfer full) (element-type BsProcess) */
GPtrArray *bs_tag_find (const char *prefix);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BsTag, bs_tag_clear)
