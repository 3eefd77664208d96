/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-text-tree.h"
#include "bs-fmt-item.h"
#include "bs-typed-json.h"

#include <stdlib.h>
#include <string.h>

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(BsYamlComment *const *) a)->text, (*(BsYamlComment *const *) b)->text);
}

/* The first comment that @after has not; (nullable) */
static const BsYamlComment *
find_lost (const BsYamlComments *before, const BsYamlComments *after)
{
  guint j = 0;

  g_ptr_array_sort (before->comments, compare_texts);
  g_ptr_array_sort (after->comments, compare_texts);
  for (guint i = 0; i < before->comments->len; i++, j++)
    {
      const BsYamlComment *comment = g_ptr_array_index (before->comments, i);

      if (j >= after->comments->len || compare_texts (&before->comments->pdata[i], &after->comments->pdata[j]) != 0)
        return comment;
    }
  return NULL;
}

char *
bs_fmt_digest (const BsYamlNode *root, const BsField *fields)
{
  g_autoptr (json_t) typed = bs_typed_json (root, fields);
  char *text = json_dumps (typed, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY | JSON_REAL_PRECISION (17));
  char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  free (text);
  return digest;
}

static char *
digest_again (const char *text, BsDiagnostics *said)
{
  const BsField *fields = NULL;
  g_autoptr (BsYamlTree) tree = bs_text_tree_read (text, strlen (text), &fields, said);

  return tree != NULL ? bs_fmt_digest (bs_yaml_root (tree), fields) : NULL;
}

/* Nothing is trusted: the result must say the same, and have every comment. */
gboolean
bs_fmt_check (const char *text, const char *digest, const BsYamlComments *comments, BsDiagnostics *diagnostics)
{
  g_autoptr (BsDiagnostics) said = bs_diagnostics_new (diagnostics->file);
  g_autofree char *again = digest_again (text, said);
  g_autoptr (BsYamlComments) found = NULL;
  const BsYamlComment *lost;

  if (g_strcmp0 (again, digest) != 0)
    {
      bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL,
                          "the file cannot be formatted without changing what it says");
      return FALSE;
    }
  found = bs_yaml_comments_scan (text, strlen (text));
  lost = find_lost (comments, found);
  if (lost != NULL)
    bs_diagnostics_add (diagnostics, BS_DIAGNOSTIC_ERROR, lost->at.line, lost->at.column,
                        (guint) g_utf8_strlen (lost->text, -1), "move it to a line of its own",
                        "this comment cannot be kept");
  return lost == NULL;
}
