/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-libssh.h"
#include "bs-error.h"

#include <dlfcn.h>
#include <pthread.h>

#define FILE_NAME "libssh.so.4"
#define HINT "install libssh 0.10 or newer (Debian: apt-get install libssh-4)"

BsLibssh bs_libssh;

static const struct
{
  const char *name;
  gsize offset;
} functions[] = {
#define X(name) { #name, G_STRUCT_OFFSET (BsLibssh, name) },
  BS_LIBSSH_FUNCTIONS (X)
#undef X
};

static gboolean
fill (void *library, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      void *function = dlsym (library, functions[i].name);

      if (function == NULL)
        {
          bs_set_error (error, BS_ERROR_HOST, HINT, "'" FILE_NAME "' lacks '%s'", functions[i].name);
          return FALSE;
        }
      G_STRUCT_MEMBER (void *, &bs_libssh, functions[i].offset) = function;
    }
  if (bs_libssh.ssh_version (SSH_VERSION_INT (0, 10, 0)) != NULL)
    return TRUE;
  bs_set_error (error, BS_ERROR_HOST, HINT, "'" FILE_NAME "' is too old: %s", bs_libssh.ssh_version (0));
  return FALSE;
}

static gboolean
load (GError **error)
{
  void *library = dlopen (FILE_NAME, RTLD_NOW | RTLD_LOCAL);

  if (library == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, HINT, "cannot load '" FILE_NAME "': %s", dlerror ());
      return FALSE;
    }
  if (fill (library, error))
    return TRUE;
  dlclose (library);
  return FALSE;
}

gboolean
bs_libssh_load (GError **error)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* not GLib's: the thread sanitizer does not see into that */
  static gboolean loaded;
  gboolean ok;

  pthread_mutex_lock (&lock);
  ok = loaded = loaded || load (error);
  pthread_mutex_unlock (&lock);
  return ok;
}
