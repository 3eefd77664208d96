/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-provision-tool.h"
#include "bs-error.h"

#include <string.h>

/* Questions of dpkg about a changed configuration file are answered as cloud-init answers them: what is there stays. A
 * fork would throw away what fsync saves. */
static const BsPackageTool tools[] = {
  {
      .name = "apt-get",
      .update = (const char *const[]){ "apt-get", "update", "--quiet=2", "--option=APT::Update::Error-Mode=any",
                                       "--option=Acquire::Retries=2", "--option=DPkg::Lock::Timeout=120", NULL },
      .install = (const char *const[]){ "apt-get", "install", NULL },
      .options
      = (const char *const[]){ "--yes", "--quiet=2", "--no-install-recommends",
                               "--option=Dpkg::Options::=--force-confold", "--option=Dpkg::Options::=--force-unsafe-io",
                               "--option=Dpkg::Use-Pty=0", "--option=Acquire::Retries=2",
                               "--option=APT::Keep-Downloaded-Packages=false", "--option=APT::Cmd::Pattern-Only=true",
                               "--option=DPkg::Lock::Timeout=120", NULL },
      .suffix = ".deb",
      .stale = (const char *const[]){ "Unable to locate package", "has no installation candidate", "Unable to fetch",
                                      "Failed to fetch", " was not found", NULL },
  },
  {
      .name = "dnf",
      .update = (const char *const[]){ "dnf", "makecache", "--refresh", "--quiet", NULL },
      .install = (const char *const[]){ "dnf", "install", NULL },
      .options = (const char *const[]){ "--assumeyes", "--quiet", "--setopt=install_weak_deps=False", NULL },
      .suffix = ".rpm",
      .fetches = TRUE,
      .stale = (const char *const[]){ "No match for argument", "Unable to find a match", "Error downloading packages",
                                      "Cannot download", NULL },
  },
  {
      .name = "apk",
      .install = (const char *const[]){ "apk", "add", NULL },
      .options = (const char *const[]){ "--no-cache", "--no-progress", NULL }, /* reads the lists anew each time */
      .suffix = ".apk",
      .stale = (const char *const[]){ NULL },
  },
};

static const char state_script[]
    = "for tool in apt-get dnf apk; do\n"
      "  if command -v $tool > /dev/null; then echo \"tool $tool\"; break; fi\n"
      "done\n"
      "for list in /var/lib/apt/lists/*_Packages*; do if [ -e \"$list\" ]; then echo lists; break; fi; done\n"
      "if [ -e /etc/ssl/certs/ca-certificates.crt ]; then echo certificates; fi\n";

gboolean
bs_package_state (BsRemote *remote, BsPackageState *state, GError **error)
{
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;

  *state = (BsPackageState){ 0 };
  if (!bs_remote_script (remote, "look for a package tool", state_script, NULL, NULL, &output, error))
    return FALSE;
  lines = g_strsplit (output, "\n", -1);
  state->has_lists = g_strv_contains ((const char *const *) lines, "lists");
  state->has_certificates = g_strv_contains ((const char *const *) lines, "certificates");
  for (guint i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *line = g_strconcat ("tool ", tools[i].name, NULL);

      if (g_strv_contains ((const char *const *) lines, line))
        state->tool = &tools[i];
    }
  if (state->tool == NULL)
    bs_set_error (error, BS_ERROR_UNSUPPORTED, "use an image with one of them, such as debian-12",
                  "the image has neither apt-get nor dnf nor apk, so no packages can be installed in it");
  return state->tool != NULL;
}

GPtrArray *
bs_package_command (const BsPackageTool *tool, const GPtrArray *words)
{
  GPtrArray *argv = g_ptr_array_new ();

  for (const char *const *at = tool->install; *at != NULL; at++)
    g_ptr_array_add (argv, (gpointer) *at);
  for (guint i = 0; i < words->len; i++)
    g_ptr_array_add (argv, g_ptr_array_index (words, i));
  for (const char *const *at = tool->options; *at != NULL; at++)
    g_ptr_array_add (argv, (gpointer) *at);
  g_ptr_array_add (argv, NULL);
  return argv;
}

gboolean
bs_package_run (BsRemote *remote, const char *const *argv, char **output, GError **error)
{
  static const char *const env[] = { "DEBIAN_FRONTEND=noninteractive", "APT_LISTCHANGES_FRONTEND=none",
                                     "NEEDRESTART_SUSPEND=1", "LC_ALL=C", NULL };

  return bs_remote_run (remote, argv, env, NULL, output, error);
}

gboolean
bs_package_is_stale (const BsPackageTool *tool, const char *output)
{
  for (const char *const *at = tool->stale; *at != NULL; at++)
    if (strstr (output, *at) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
tells_of_error (const char *line)
{
  static const char *const marks[] = { "E:", "Err:", "W:", "Error", "error", "ERROR", "No match", "Unable to" };

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (strstr (line, marks[i]) != NULL)
      return TRUE;
  return strstr (line, "no such package") != NULL || strstr (line, "Depends:") != NULL;
}

gboolean
bs_package_blames (const char *output, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  g_autofree char *escaped = g_regex_escape_string (name, -1);
  g_autofree char *pattern = g_strdup_printf ("(^|[^A-Za-z0-9_.+-])%s($|[^A-Za-z0-9_+-])", escaped);

  for (char **line = lines; *line != NULL; line++)
    if (g_utf8_validate (*line, -1, NULL) && tells_of_error (*line) && g_regex_match_simple (pattern, *line, 0, 0))
      return TRUE;
  return FALSE;
}

const char *
bs_package_hint (const char *output)
{
  if (strstr (output, "Unable to locate package") != NULL || strstr (output, "No match for argument") != NULL
      || strstr (output, "no such package") != NULL)
    return "look whether the image's distribution has a package of that name, or name its repository";
  if (strstr (output, "Temporary failure resolving") != NULL || strstr (output, "Could not resolve") != NULL)
    return "the node cannot resolve names: packages need a way to the outside from this host";
  if (strstr (output, "No space left") != NULL || strstr (output, "enough free space") != NULL)
    return "give the node a larger disk_gb";
  if (strstr (output, "NO_PUBKEY") != NULL || strstr (output, "is not signed") != NULL)
    return "give the key that signs the repository: {repository: …, key: FILE-OR-URL, name: …}";
  return NULL;
}
