/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-memo.h"
#include "bs-file.h"

#include <string.h>
#include <sys/stat.h>

#define MEMO_MAX 65536

json_t *
bs_memo_read (const char *cache_dir, const char *name, const char *key)
{
  g_autofree char *path = g_build_filename (cache_dir, name, NULL);
  gsize length;
  g_autofree char *text = bs_file_read (AT_FDCWD, path, MEMO_MAX, &length, NULL);
  g_autoptr (json_t) memo = text != NULL ? bs_json_load (text, length, NULL) : NULL;
  json_t *value = json_object_get (memo, "value");

  if (strcmp (bs_json_string (memo, "key", ""), key) != 0 || !json_is_object (value))
    return NULL;
  return json_incref (value);
}

void
bs_memo_write (const char *cache_dir, const char *name, const char *key, json_t *value)
{
  g_autofree char *path = g_build_filename (cache_dir, name, NULL);
  g_autoptr (json_t) memo = json_pack ("{s:s, s:O}", "key", key, "value", value);
  g_autofree char *text = memo != NULL ? bs_json_dump (memo) : NULL;

  if (text != NULL && bs_file_make_dirs (cache_dir, 0755, NULL))
    bs_file_write_atomic (AT_FDCWD, path, text, strlen (text), 0644, NULL);
}

char *
bs_memo_file_key (const char *path)
{
  struct stat st;

  if (stat (path, &st) != 0)
    return NULL;
  return g_strdup_printf ("%s %llu %lld %lld.%09ld", path, (unsigned long long) st.st_ino, (long long) st.st_size,
                          (long long) st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}
