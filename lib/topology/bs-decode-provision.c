/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-provision.c — packages, files and commands that make an image the node that is wanted */
#include "bs-decode.h"

#include "bs-topology-model.h"

#include <string.h>

static gboolean
is_package_name (const char *text)
{
  if (!g_ascii_isalnum (*text))
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("+-._:~=", *text) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_package_file (const char *text)
{
  return g_str_has_suffix (text, ".deb") || g_str_has_suffix (text, ".rpm") || g_str_has_suffix (text, ".apk");
}

/* A name, a URL or the path of a file, told apart by how it looks. Reports what is none of them. */
static BsPackageKind
package_kind (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  const char *text = value->text;

  if (strstr (text, "://") != NULL)
    {
      if (!bs_decode_is_url (text))
        bs_decoder_wrong (self, field, value, NULL, "names, paths or http and https URLs");
      return BS_PACKAGE_URL;
    }
  if (strchr (text, '/') != NULL || is_package_file (text))
    {
      if (!is_package_file (text))
        bs_decoder_wrong (self, field, value, "a package file ends in .deb, .rpm or .apk", "names, paths or URLs");
      else
        bs_decode_check_file (self, field, value, FALSE);
      return BS_PACKAGE_FILE;
    }
  if (!is_package_name (text))
    bs_decoder_wrong (self, field, value, NULL, "names (letters, digits and '+-._:~=', first a letter or digit)");
  return BS_PACKAGE_NAME;
}

void
bs_decode_package_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (!is_package_name (value->text))
    bs_decoder_wrong (self, field, value, NULL, "a name (letters, digits and '+-._:~=', first a letter or digit)");
  else
    *(char **) target = g_strdup (value->text);
}

/* "deb [options] URL SUITE COMPONENT…" of apt, or the URL alone of rpm and apk. */
void
bs_decode_repository (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_auto (GStrv) words = NULL;
  gboolean good = FALSE;

  if (!bs_decode_line (self, field, value))
    return;
  words = g_strsplit (value->text, " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    good = good || bs_decode_is_url (words[i]);
  if (!good || (words[1] != NULL && strcmp (words[0], "deb") != 0 && strcmp (words[0], "deb-src") != 0))
    bs_decoder_wrong (self, field, value, "write it as \"deb URL SUITE COMPONENT\", or as a URL",
                      "a line of a package source");
  else
    *(char **) target = g_strdup (value->text);
}

/* The path or URL of a key. */
void
bs_decode_repository_key (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (strstr (value->text, "://") == NULL)
    {
      bs_decode_host_file (self, field, value, target);
      return;
    }
  if (!bs_decode_is_url (value->text))
    bs_decoder_wrong (self, field, value, NULL, "a path or an http or https URL");
  *(char **) target = g_strdup (value->text);
}

static void
decode_repository_package (BsDecoder *self, const BsField *field, const BsYamlNode *value, BsTopologyPackage *package)
{
  guint before = self->diagnostics->added;

  bs_decoder_object (self, field->fields, value, package);
  package->kind = bs_yaml_get (value, "repository") != NULL ? BS_PACKAGE_REPOSITORY : BS_PACKAGE_NAME;
  if (self->diagnostics->added > before)
    return;
  if (package->kind == BS_PACKAGE_NAME && (package->key != NULL || package->name == NULL))
    bs_decoder_error (self, value, "write it as {repository: LINE, key: FILE, name: NAME}", "'repository' is missing");
}

static void
decode_package (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer packages)
{
  BsTopologyPackage *package = bs_topology_package_new (bs_yaml_position (value));

  g_ptr_array_add (packages, package);
  if (value->kind == BS_YAML_MAPPING && field->fields != NULL)
    decode_repository_package (self, field, value, package);
  else if (bs_decode_line (self, field, value))
    {
      package->kind = package_kind (self, field, value);
      package->name = g_strdup (value->text);
      if (package->kind != BS_PACKAGE_NAME && field->fields == NULL)
        bs_decoder_error (self, value, "put it into 'packages' of the node itself",
                          "'%s' of cloud-init takes names only", field->key);
    }
}

/* What is not a name is taken where @field has a table for it. */
void
bs_decode_packages (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_package);
}

static void
decode_command_of_several (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer commands)
{
  char **command = NULL;

  bs_decode_command (self, field, value, &command);
  if (command != NULL)
    g_ptr_array_add (commands, command);
}

void
bs_decode_commands (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_command_of_several);
}

static void
decode_deploy_entry (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer entries)
{
  BsTopologyDeploy *deploy = bs_topology_deploy_new (bs_yaml_position (value));

  g_ptr_array_add (entries, deploy);
  bs_decoder_object (self, field->fields, value, deploy);
}

void
bs_decode_deploy (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_deploy_entry);
}

/* Base64 as cloud-init takes it: lines of any length, but nothing else between. */
static gboolean
decode_base64 (const char *text, BsTopologyFile *file)
{
  g_autofree char *packed = g_malloc (strlen (text) + 1);
  gsize length = 0, data;

  for (; *text != '\0'; text++)
    if (!g_ascii_isspace (*text))
      packed[length++] = *text;
  packed[length] = '\0';
  data = strspn (packed, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  if (length % 4 != 0 || length - data > 2 || strspn (packed + data, "=") != length - data)
    return FALSE;
  g_free (file->content);
  file->content_length = 0;
  file->content = length > 0 ? (char *) g_base64_decode (packed, &file->content_length) : g_strdup ("");
  return TRUE;
}

static void
decode_content (BsDecoder *self, const BsYamlNode *mapping, BsTopologyFile *file)
{
  static const char *const plain[] = { "plain", "text/plain", NULL }, *const base64[] = { "b64", "base64", NULL };
  const BsYamlNode *encoding = bs_yaml_get (mapping, "encoding"), *content = bs_yaml_get (mapping, "content");
  const char *word = encoding != NULL && encoding->kind == BS_YAML_SCALAR ? encoding->text : "plain";

  if (file->content == NULL)
    file->content = g_strdup ("");
  file->content_length = strlen (file->content);
  if (g_strv_contains (plain, word))
    return;
  if (!g_strv_contains (base64, word))
    bs_decoder_error (self, encoding, "write plain or b64", "'encoding' %s is not supported",
                      strstr (word, "gz") != NULL ? "with gzip" : "of this name");
  else if (!decode_base64 (file->content, file))
    bs_decoder_error (self, content, NULL, "'content' is not base64");
}

static void
decode_file (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer files)
{
  BsTopologyFile *file = bs_topology_file_new (bs_yaml_position (value));

  g_ptr_array_add (files, file);
  if (bs_decoder_object (self, field->fields, value, file))
    decode_content (self, value, file);
}

void
bs_decode_files (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_file);
}
