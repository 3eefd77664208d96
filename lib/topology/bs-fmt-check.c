/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-text-tree.h"
#include "bs-fmt-item.h"
#include "bs-typed-json.h"

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

/* Nothing is trusted: the result must say the same, and have every comment. */
gboolean
bs_fmt_check (const char *text, const BsYamlNode *root, const BsField *fields, const BsYamlComments *comments,
              BsDiagnostics *diagnostics)
{
  g_autoptr (BsDiagnostics) said = bs_diagnostics_new (diagnostics->file);
  const BsField *fields_again = NULL;
  g_autoptr (BsYamlTree) again = bs_text_tree_read (text, strlen (text), &fields_again, said);
  g_autoptr (json_t) before = bs_typed_json (root, fields);
  g_autoptr (json_t) after = again != NULL ? bs_typed_json (bs_yaml_root (again), fields_again) : NULL;
  g_autoptr (BsYamlComments) found = NULL;
  const BsYamlComment *lost;

  if (after == NULL || !json_equal (before, after))
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
