/* SPDX-License-Identifier: Apache-2.0 */
/* bs-import-vagrant.c — Vagrantfiles, as far as they are declarations
 *
 * A Vagrantfile is a Ruby program, and no Ruby runs here. What is read, line by line: `Vagrant.configure`,
 * `vm.define`, `vm.box`, `vm.hostname`, `vm.network`, `vm.synced_folder`, `vm.provider` with memory and cpus,
 * `vm.provision` of shell and file, constants of numbers and texts, and loops `(1..N).each` whose variable is used in
 * texts as "#{i}" or "#{10 + i}". A loop's lines are read once for each value. Every other line is a note.
 */
#include "bs-import-vagrant.h"
#include "bs-ipv4.h"

#include <string.h>

#define DEFAULT_IMAGE "debian-12"
#define LOOP_MAX 1000
#define DEPTH_MAX 16
#define NODES_MAX 10000
#ifdef BS_FUZZ
#define READ_MAX 200 /* more rounds of loops take long, and reach nothing more */
#else
#define READ_MAX 20000 /* more than the file has */
#endif

/* The constants and loop variables that a text or number may use. */
static gboolean
number_of (Vagrant *self, const char *word, gint64 *number)
{
  g_autofree char *name = g_strstrip (g_strdup (word));
  gpointer value;

  if (g_ascii_string_to_signed (name, 10, G_MININT32, G_MAXINT32, number, NULL))
    return TRUE;
  if (!g_hash_table_lookup_extended (self->numbers, name, NULL, &value))
    return FALSE;
  *number = GPOINTER_TO_INT (value);
  return TRUE;
}

/* "10 + i", "i", "3" */
static gboolean
sum_of (Vagrant *self, const char *expression, gint64 *sum)
{
  g_auto (GStrv) terms = g_strsplit (expression, "+", 4);
  gint64 number;

  *sum = 0;
  for (guint i = 0; terms[i] != NULL; i++)
    {
      if (!number_of (self, terms[i], &number))
        return FALSE;
      *sum += number;
    }
  return terms[0] != NULL;
}

/* The next text in quotes, its interpolations filled in, or NULL; @rest: (out) what follows it */
static char *
take_text (Vagrant *self, const char *from, const char **rest)
{
  const char *start = strpbrk (from, "\"'"), *end;
  GString *text;

  if (start == NULL || (end = strchr (start + 1, *start)) == NULL)
    return NULL;
  text = g_string_new (NULL);
  for (const char *c = start + 1; c < end; c++)
    {
      const char *close = c[0] == '#' && c[1] == '{' && *start == '"' ? memchr (c, '}', (gsize) (end - c)) : NULL;
      g_autofree char *inner = close != NULL ? g_strndup (c + 2, (gsize) (close - c - 2)) : NULL;
      gint64 number;

      if (close == NULL)
        g_string_append_c (text, *c);
      else if (sum_of (self, inner, &number))
        {
          g_string_append_printf (text, "%" G_GINT64_FORMAT, number);
          c = close;
        }
      else if (g_hash_table_contains (self->texts, inner))
        {
          g_string_append (text, g_hash_table_lookup (self->texts, inner));
          c = close;
        }
      else
        {
          g_string_free (text, TRUE);
          return NULL;
        }
    }
  *rest = end + 1;
  return g_string_free (text, FALSE);
}

/* A text in quotes or a constant that is one, whatever follows; (nullable) (transfer full) */
static char *
first_text (Vagrant *self, const char *value)
{
  g_autofree char *name = g_strndup (value, strcspn (value, " ,)"));
  const char *known = g_hash_table_lookup (self->texts, name), *rest;

  if (*value == '"' || *value == '\'')
    return take_text (self, value, &rest);
  return g_strdup (known);
}

/* The same, and nothing else. */
static char *
whole_text (Vagrant *self, const char *value)
{
  g_autofree char *text = first_text (self, value);
  const char *rest = value;

  if (*value == '"' || *value == '\'')
    g_free (take_text (self, value, &rest));
  else
    rest += strcspn (value, " ,)");
  return text != NULL && rest[strspn (rest, " )")] == '\0' ? g_steal_pointer (&text) : NULL;
}

/* The value of `NAME: "text"`, `NAME: 80` or `:NAME => …` in an argument list; (nullable) */
static char *
option_of (Vagrant *self, const char *arguments, const char *name)
{
  g_autofree char *modern = g_strdup_printf ("%s:", name), *old = g_strdup_printf (":%s", name);
  g_autofree char *word = NULL;
  const char *at = strstr (arguments, modern), *rest, *known;

  if (at != NULL && (at == arguments || !g_ascii_isalnum (at[-1])))
    at += strlen (modern);
  else if ((at = strstr (arguments, old)) != NULL && (at = strstr (at, "=>")) != NULL)
    at += 2;
  if (at == NULL)
    return NULL;
  at += strspn (at, " ");
  if (*at == '"' || *at == '\'')
    return take_text (self, at, &rest);
  word = g_strndup (at, strcspn (at, ", })"));
  known = g_hash_table_lookup (self->texts, word);
  return g_strdup (known != NULL ? known : word);
}

static void
note (Vagrant *self, const char *why)
{
  g_autofree char *shown = bs_yaml_show_text (self->line);

  bs_import_note_at (self->importer, self->number + 1, self->column, "%s is not expressed%s%s", shown,
                     why != NULL ? ": " : "", why != NULL ? why : "");
}

static const struct
{
  const char *part, *image;
} boxes[] = {
  { "bookworm", "debian-12" },        { "debian12", "debian-12" }, { "trixie", "debian-13" },
  { "debian13", "debian-13" },        { "jammy", "ubuntu-22.04" }, { "ubuntu2204", "ubuntu-22.04" },
  { "ubuntu-22.04", "ubuntu-22.04" }, { "noble", "ubuntu-24.04" }, { "ubuntu2404", "ubuntu-24.04" },
  { "ubuntu-24.04", "ubuntu-24.04" },
};

static void
set_box (Vagrant *self, const char *box)
{
  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    if (strstr (box, boxes[i].part) != NULL)
      {
        json_object_set_new (self->node, "image", json_string (boxes[i].image));
        return;
      }
  json_object_set_new (self->node, "image", json_string (box));
  note (self, "no image of that name is known: import one, or choose another");
}

static json_t *
list_of (json_t *node, const char *key)
{
  json_t *list = json_object_get (node, key);

  if (list == NULL)
    {
      list = json_array ();
      json_object_set_new (node, key, list);
    }
  return list;
}

static void
add_private_network (Vagrant *self, const char *arguments)
{
  g_autofree char *ip = option_of (self, arguments, "ip"), *mask = option_of (self, arguments, "netmask");
  g_autofree char *mac = option_of (self, arguments, "mac"), *name = NULL;
  g_auto (GStrv) parts = ip != NULL ? g_strsplit (ip, ".", -1) : NULL;
  BsYamlNode at = { .line = self->number + 1, .column = self->column, .length = 1 };
  json_t *interface;
  guint32 number;

  if (mask != NULL && strcmp (mask, "255.255.255.0") != 0 && strcmp (mask, "24") != 0)
    {
      note (self, "write the network's subnet");
      return;
    }
  if (ip != NULL && !bs_ipv4_parse (ip, &number))
    {
      note (self, "its address is not understood");
      g_clear_pointer (&parts, g_strfreev);
    }
  if (parts != NULL)
    {
      name = g_strdup_printf ("private-%s-%s-%s", parts[0], parts[1], parts[2]);
      json_object_set_new (bs_import_network (self->importer, name), "subnet",
                           json_sprintf ("%s.%s.%s.0/24", parts[0], parts[1], parts[2]));
    }
  else
    name = g_strdup ("private");
  bs_import_network (self->importer, name);
  interface = json_pack ("{s:s}", "network", name);
  if (parts != NULL)
    json_object_set_new (interface, "address", json_string (ip));
  bs_import_place (self->importer, interface, &at);
  if (mac != NULL)
    note (self, "write 'mac' with colons");
  json_array_append_new (list_of (self->node, "interfaces"), interface);
}

static void
add_network (Vagrant *self, const char *arguments)
{
  g_autofree char *guest = option_of (self, arguments, "guest"), *host = option_of (self, arguments, "host");
  g_autofree char *protocol = option_of (self, arguments, "protocol"), *text = NULL;

  if (strstr (arguments, "private_network") != NULL)
    add_private_network (self, arguments);
  else if (strstr (arguments, "forwarded_port") != NULL && guest != NULL && host != NULL)
    {
      BsYamlNode at = { .line = self->number + 1, .column = self->column, .length = 1 };

      text = g_strdup_printf ("%s:%s/%s", host, guest, protocol != NULL ? protocol : "tcp");
      bs_import_port (self->importer, &at, text, list_of (self->node, "ports"));
    }
  else
    note (self, strstr (arguments, "public_network") != NULL ? "nothing of a lab is on the host's own network" : NULL);
}

static void
add_folder (Vagrant *self, const char *arguments)
{
  const char *rest = arguments;
  g_autofree char *source = take_text (self, arguments, &rest);
  g_autofree char *place = source != NULL ? take_text (self, rest, &rest) : NULL;

  if (strstr (arguments, "disabled: true") != NULL)
    return;
  if (source == NULL || place == NULL || place[0] != '/' || source[0] == '~')
    note (self, NULL);
  else
    json_array_append_new (list_of (self->node, "volumes"),
                           json_sprintf ("%s%s:%s", source[0] == '/' || source[0] == '.' ? "" : "./", source, place));
}

/* The word that ends the heredoc which @line begins; (nullable) (transfer full) */
static char *
heredoc_word (const char *line)
{
  const char *at = strstr (line, "<<");
  gsize length;

  if (at == NULL)
    return NULL;
  at += strspn (at, "<-~'\"");
  length = strspn (at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");
  return length > 0 ? g_strndup (at, length) : NULL;
}

/* The lines up to that word. */
static char *
take_heredoc (Vagrant *self, const char *word)
{
  GString *text = g_string_new (NULL);
  gsize indent = G_MAXSIZE; /* of the first line: all lose as much */

  while (self->number + 1 < self->n_lines)
    {
      const char *raw = self->lines[++self->number];
      gsize spaces = strspn (raw, " \t");
      g_autofree char *line = NULL;

      if (indent == G_MAXSIZE)
        indent = spaces;
      line = g_strchomp (g_strdup (raw + MIN (indent, spaces)));
      if (strcmp (line + strspn (line, " \t"), word) == 0)
        break;
      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

static void
add_provision (Vagrant *self, const char *arguments)
{
  g_autofree char *word = heredoc_word (arguments);
  g_autofree char *commands = word != NULL ? take_heredoc (self, word) : option_of (self, arguments, "inline");
  g_autofree char *source = option_of (self, arguments, "source"), *place = option_of (self, arguments, "destination");
  g_autofree char *folder = g_path_get_dirname (self->importer->file), *path = NULL;
  json_t *init;

  if (strstr (arguments, "shell") != NULL && commands != NULL && *commands != '\0')
    {
      init = json_object_get (self->node, "cloud_init");
      if (init == NULL)
        {
          init = json_object ();
          json_object_set_new (self->node, "cloud_init", init);
        }
      json_array_append_new (list_of (init, "runcmd"), json_string (commands));
      return;
    }
  path = source != NULL ? g_canonicalize_filename (source, folder) : NULL;
  if (strstr (arguments, "file") != NULL && place != NULL && place[0] == '/' && path != NULL
      && g_file_test (path, G_FILE_TEST_EXISTS))
    json_array_append_new (list_of (self->node, "deploy"), json_pack ("{s:s, s:s}", "src", source, "dest", place));
  else
    note (self, strstr (arguments, "ansible") != NULL ? "`benchscale inventory` prints hosts for Ansible"
                                                      : "copy files with deploy, and run them with cloud_init");
}

static void
set_size (Vagrant *self, const char *key, const char *value, guint64 least, guint64 most)
{
  g_autofree char *plain = g_strdup (value);
  gint64 number;

  g_strdelimit (plain, "\"'", ' ');
  if (sum_of (self, plain, &number) && number >= (gint64) least && number <= (gint64) most)
    json_object_set_new (self->node, key, json_integer (number));
  else
    note (self, NULL);
}

/* A node's host name is its name. */
static void
check_hostname (Vagrant *self, const char *name)
{
  if (name == NULL || strcmp (name, bs_json_string (self->node, "name", "default")) != 0)
    note (self, "a node's name is its host name");
}

/* `X.vm.KEY …` and, in a provider's block, `v.KEY = …`. FALSE: it is neither. */
static gboolean
read_declaration (Vagrant *self)
{
  const char *dot = strstr (self->line, ".vm."), *value;
  g_autofree char *text = NULL, *key = NULL;

  if (dot != NULL)
    dot += strlen (".vm.");
  else if ((dot = strchr (self->line, '.')) != NULL)
    dot++;
  else
    return FALSE;
  key = g_strndup (dot, strspn (dot, "abcdefghijklmnopqrstuvwxyz_"));
  value = dot + strlen (key);
  value += strspn (value, " =(");
  if (strcmp (key, "network") == 0)
    add_network (self, value);
  else if (strcmp (key, "synced_folder") == 0)
    add_folder (self, value);
  else if (strcmp (key, "provision") == 0)
    add_provision (self, value);
  else if (strcmp (key, "memory") == 0)
    set_size (self, "memory_mb", value, 32, 16777216);
  else if (strcmp (key, "cpus") == 0)
    set_size (self, "vcpus", value, 1, 255);
  else if (strcmp (key, "box") == 0 && (text = whole_text (self, value)) != NULL)
    set_box (self, text);
  else if (strcmp (key, "box") == 0)
    note (self, "its value is no text alone");
  else if (strcmp (key, "hostname") == 0)
    check_hostname (self, text = whole_text (self, value));
  else
    return FALSE;
  return TRUE;
}

/* The number of the line with the `end` of the block that line @from opens. */
static guint
look_for_end (Vagrant *self, guint from)
{
  guint depth = 1, until = self->n_lines;

  for (guint i = from + 1; i < until; i++)
    {
      g_autofree char *line = bs_import_vagrant_clean (self->lines[i]), *word = heredoc_word (line);

      /* what a heredoc holds is no Ruby */
      for (gboolean within = word != NULL; within && i + 1 < until;)
        {
          g_autofree char *inner = g_strstrip (g_strdup (self->lines[++i]));

          within = strcmp (inner, word) != 0;
        }
      if (bs_import_vagrant_opens (line))
        depth++;
      else if (bs_import_vagrant_ends (line) && --depth == 0)
        return i;
    }
  return until;
}

/* The same, looked for once: loops come by again and again. */
static guint
find_end (Vagrant *self, guint from, guint until)
{
  if (self->ends[from] == 0)
    self->ends[from] = look_for_end (self, from);
  return MIN (self->ends[from], until);
}

static void read_lines (Vagrant *self, guint from, guint until, guint depth);

/* Lines within are about @node. */
static void
read_inner (Vagrant *self, json_t *node, guint from, guint until, guint depth)
{
  json_t *outer = self->node;

  self->node = node;
  read_lines (self, from, until, depth + 1);
  self->node = outer;
}

static void
read_define (Vagrant *self, guint until, guint depth)
{
  const char *at = strstr (self->line, ".define") + strlen (".define"), *rest = at, *options;
  g_autofree char *name = NULL;
  BsYamlNode place = { .line = self->number + 1, .column = self->column, .length = 1 };
  gboolean block = bs_import_vagrant_opens (self->line);
  const char *used;
  json_t *node;

  at += strspn (at, " (");
  rest = at;
  name = *at == ':' ? g_strndup (at + 1, strcspn (at + 1, " ,)")) : first_text (self, at);
  if (*at == '"' || *at == '\'')
    g_free (take_text (self, at, &rest));
  options = rest != at && *at != ':' ? rest : at + strcspn (at, " ,)");
  options += strspn (options, " )");
  if (name != NULL && *name != '\0' && *options != '\0' && *options != '{' && !g_str_has_prefix (options, "do"))
    note (self, "of a machine, its name and block are read");
  if (name == NULL || *name == '\0')
    note (self, "its name is no text");
  else if (json_array_size (self->importer->nodes) >= NODES_MAX)
    note (self, "there are 10000 machines already");
  else
    {
      /* a name that comes again is the same machine */
      used = bs_import_node_used (self->importer, name);
      node = used != NULL ? bs_import_find_node (self->importer, used) : NULL;
      if (node == NULL)
        {
          node = json_pack ("{s:s}", "name", bs_import_node_name (self->importer, &place, name));
          bs_import_add_node (self->importer, node, &place);
        }
      if (block)
        read_inner (self, node, self->number + 1, until, depth);
    }
}

/* "(1..3).each do |i|" */
static gboolean
read_loop (Vagrant *self, guint until, guint depth)
{
  g_autofree char *first_text = NULL, *last_text = NULL, *variable = NULL;
  const char *dots = strstr (self->line, ".."), *bar = strchr (self->line, '|');
  guint begin = self->number;
  gint64 first, last;

  if (self->line[0] != '(' || dots == NULL || bar == NULL || strstr (dots, ").each") == NULL)
    return FALSE;
  first_text = g_strndup (self->line + 1, (gsize) (dots - self->line - 1));
  last_text = g_strndup (dots + 2, strcspn (dots + 2, ")"));
  variable = g_strndup (bar + 1, strcspn (bar + 1, "|"));
  if (!sum_of (self, first_text, &first) || !sum_of (self, last_text, &last))
    return FALSE;
  if (last - first >= LOOP_MAX)
    {
      note (self, "a loop of more than 1000 rounds is not read");
      return TRUE;
    }
  for (gint64 i = first; i <= last; i++)
    {
      g_hash_table_replace (self->numbers, g_strdup (variable), GINT_TO_POINTER ((int) i));
      read_lines (self, begin + 1, until, depth + 1);
    }
  return TRUE;
}

/* A line that opens a block which ends at line @until. */
static void
read_block (Vagrant *self, guint until, guint depth)
{
  if (depth >= DEPTH_MAX)
    note (self, "it is nested too deeply");
  else if (strstr (self->line, "Vagrant.configure") != NULL || strstr (self->line, ".vm.provider") != NULL)
    read_lines (self, self->number + 1, until, depth + 1);
  else if (strstr (self->line, ".vm.define") != NULL)
    read_define (self, until, depth);
  else if (!read_loop (self, until, depth))
    note (self, "only loops over a range of numbers are understood, and no conditions");
}

static gboolean
read_text_constant (Vagrant *self, const char *name, gsize length, const char *value)
{
  const char *rest = value;
  g_autofree char *text = *value == '"' || *value == '\'' ? take_text (self, value, &rest) : NULL;

  if (text == NULL || *rest != '\0')
    return FALSE;
  g_hash_table_replace (self->texts, g_strndup (name, length), g_steal_pointer (&text));
  return TRUE;
}

static gboolean
read_constant (Vagrant *self)
{
  gsize length = strspn (self->line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
  const char *value = self->line + length + strspn (self->line + length, " ");
  gint64 number;

  if (length == 0 || value[0] != '=' || value[1] == '=')
    return FALSE;
  if (!sum_of (self, value + 1, &number))
    return read_text_constant (self, self->line, length, value + 1 + strspn (value + 1, " "));
  g_hash_table_replace (self->numbers, g_strndup (self->line, length), GINT_TO_POINTER ((int) number));
  return TRUE;
}

/* As a block whose condition nobody can tell. */
static void
skip_conditional (Vagrant *self)
{
  const char *modifier = bs_import_vagrant_modifier (self->line);
  g_autofree char *word = heredoc_word (self->line), *skipped = NULL;

  note (self, *modifier == ';' ? "only one statement on a line is read" : "no conditions are understood");
  if (word != NULL)
    skipped = take_heredoc (self, word);
}

/* "end if x", of a block that was read. */
static void
note_end (Vagrant *self)
{
  g_autofree char *line = self->number < self->n_lines ? bs_import_vagrant_clean (self->lines[self->number]) : NULL;

  if (line == NULL || strcmp (line, "end") == 0 || !bs_import_vagrant_ends (line))
    return;
  self->line = line;
  self->column = (guint) strspn (self->lines[self->number], " \t") + 1;
  note (self, "no conditions are understood: its block is read as if it held");
}

static void
read_lines (Vagrant *self, guint from, guint until, guint depth)
{
  for (self->number = from; self->number < until && self->n_read < self->n_lines + READ_MAX;
       self->number++, self->n_read++)
    {
      g_autofree char *line = bs_import_vagrant_clean (self->lines[self->number]);

      self->line = line;
      self->column = (guint) strspn (self->lines[self->number], " \t") + 1;
      if (*line == '\0' || bs_import_vagrant_ends (line))
        continue;
      if (bs_import_vagrant_opens (line))
        {
          guint end = find_end (self, self->number, until);

          read_block (self, end, depth);
          self->number = end;
          note_end (self);
        }
      else if (bs_import_vagrant_is_whole (line) || strstr (line, "{ |") != NULL || strstr (line, "{|") != NULL)
        {
          note (self, "a block on one line is not read");
          if (strstr (line, ".vm.define") != NULL)
            read_define (self, self->number, depth);
        }
      else if (bs_import_vagrant_modifier (line) != NULL)
        skip_conditional (self);
      else if (strstr (line, ".vm.define") != NULL)
        read_define (self, self->number, depth);
      else if (!read_constant (self) && !read_declaration (self))
        note (self, NULL);
    }
}

static void
choose_image (Vagrant *self, json_t *node)
{
  BsImportPlace place = bs_import_place_of (self->importer, node);

  bs_import_note_at (self->importer, MAX (place.line, 1), MAX (place.column, 1),
                     "no box of '%s' is known: the image '%s' was chosen", bs_json_string (node, "name", ""),
                     DEFAULT_IMAGE);
  json_object_set_new (node, "image", json_string (DEFAULT_IMAGE));
}

/* Lists and mappings of its own for each machine, for what is wrong with one is taken out of that; and where they came
 * from. (transfer full) */
static json_t *
copy_value (BsImporter *importer, json_t *value)
{
  BsImportPlace place = bs_import_place_of (importer, value);
  BsYamlNode at = { .line = place.line, .column = place.column, .length = place.length };
  json_t *copy, *part;
  const char *key;
  size_t i;

  if (!json_is_array (value) && !json_is_object (value))
    return json_incref (value);
  copy = json_is_array (value) ? json_array () : json_object ();
  json_array_foreach (value, i, part) json_array_append_new (copy, copy_value (importer, part));
  json_object_foreach (value, key, part) json_object_set_new (copy, key, copy_value (importer, part));
  if (place.line > 0)
    bs_import_place (importer, copy, &at);
  return copy;
}

/* What the whole file says of its machines holds for each that does not say otherwise. */
static void
inherit (Vagrant *self, json_t *node)
{
  static const char *const lists[] = { "interfaces", "ports", "volumes", "deploy", NULL };
  g_autoptr (json_t) defaults = NULL;

  for (guint i = 0; lists[i] != NULL; i++)
    if (json_object_get (self->defaults, lists[i]) != NULL)
      {
        json_t *all = copy_value (self->importer, json_object_get (self->defaults, lists[i]));

        if (json_object_get (node, lists[i]) != NULL)
          json_array_extend (all, json_object_get (node, lists[i]));
        json_object_set_new (node, lists[i], all);
      }
  defaults = copy_value (self->importer, self->defaults);
  json_object_update_missing (node, defaults);
  if (json_object_get (node, "image") == NULL)
    choose_image (self, node);
  json_object_set_new (node, "backend", json_string ("qemu"));
  if (json_object_get (node, "interfaces") == NULL)
    {
      bs_import_network (self->importer, "lab");
      json_object_set_new (node, "interfaces", json_pack ("[{s:s}]", "network", "lab"));
    }
}

/* (transfer full) g_strsplit() looks at all of the rest for each line where functions are checked. */
static char **
split (const char *data)
{
  GPtrArray *lines = g_ptr_array_new ();
  const char *end = data + strlen (data);

  for (const char *line = data; line != NULL;)
    {
      const char *next = memchr (line, '\n', (gsize) (end - line));

      g_ptr_array_add (lines, g_strndup (line, (gsize) ((next != NULL ? next : end) - line)));
      line = next != NULL ? next + 1 : NULL;
    }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

void
bs_import_vagrant (BsImporter *importer, const char *data)
{
  g_auto (GStrv) lines = NULL;
  Vagrant self = { .importer = importer };
  BsYamlNode whole = { .line = 1, .column = 1, .length = 1 };
  json_t *node;
  size_t i;

  if (strstr (data, "Vagrant.configure") == NULL)
    {
      bs_diagnostics_add (importer->diagnostics, BS_DIAGNOSTIC_ERROR, 1, 1, 1, NULL,
                          "this is no Vagrantfile: it has no 'Vagrant.configure'");
      return;
    }
  self.lines = lines = split (data);
  self.n_lines = g_strv_length (lines);
  self.ends = g_new0 (guint, self.n_lines);
  self.texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self.numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.defaults = self.node = json_object ();
  read_lines (&self, 0, self.n_lines, 0);
  if (self.n_read >= self.n_lines + READ_MAX)
    bs_diagnostics_add (importer->diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, NULL,
                        "the loops of this file are too long: %u lines were read", self.n_read);
  if (json_array_size (importer->nodes) == 0)
    bs_import_add_node (importer, json_pack ("{s:s}", "name", bs_import_node_name (importer, NULL, "default")), &whole);
  json_array_foreach (importer->nodes, i, node) inherit (&self, node);
  json_decref (self.defaults);
  g_hash_table_unref (self.numbers);
  g_hash_table_unref (self.texts);
  g_free (self.ends);
}
