/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-recipe-progress.h"

#include <string.h>

#define STAGE "stage: " /* of recipe/build.sh */
#define NEW " newly installed,"
#define STEP 5 /* packages from one phrase to the next */

static char *
count (const char *what, guint done, guint total)
{
  if (done % STEP != 0 && done != total)
    return NULL;
  return total > 0 ? g_strdup_printf ("%s (%u of %u)", what, MIN (done, total), total)
                   : g_strdup_printf ("%s (%u)", what, done);
}

/* "0 upgraded, 63 newly installed, 0 to remove and 0 not upgraded.": said for the essential packages first. */
static void
add_total (BsRecipeProgress *self, const char *line)
{
  const char *at = strstr (line, NEW), *start = at;

  while (start != NULL && start > line && g_ascii_isdigit (start[-1]))
    start--;
  if (start != NULL && start < at)
    self->packages = MIN (self->packages + (guint) g_ascii_strtoull (start, NULL, 10), 100000);
}

char *
bs_recipe_progress_line (BsRecipeProgress *self, const char *line)
{
  if (g_str_has_prefix (line, STAGE))
    return g_strdup (line + strlen (STAGE));
  add_total (self, line);
  if (g_str_has_prefix (line, "Get:") && g_str_has_suffix (line, "]") && strstr (line, " Packages [") == NULL
      && strstr (line, "InRelease [") == NULL)
    return count ("fetching packages", ++self->fetched, self->packages);
  if (g_str_has_prefix (line, "Setting up "))
    return count ("installing packages", ++self->installed, self->packages);
  return NULL;
}
