/* SPDX-License-Identifier: Apache-2.0 */
/* The real apt with small packages of our own, from repositories that are folders; nothing leaves this host. */
#include "machine-fixture.h"

#include <glib/gstdio.h>

/* $1 name, $2 version, $3 further control lines, $4 postinst: a package in the current folder. */
static const char make_package[]
    = "pkg () { mkdir -p /tmp/b/DEBIAN; printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: x <x@x>\\n"
      "Description: x\\n%b' \"$1\" \"$2\" \"$3\" > /tmp/b/DEBIAN/control;"
      " [ -z \"$4\" ] || { printf '#!/bin/sh\\n%s\\n' \"$4\" > /tmp/b/DEBIAN/postinst; chmod 755 "
      "/tmp/b/DEBIAN/postinst; };"
      " dpkg-deb -Znone --build /tmp/b \"$1_$2.deb\" > /dev/null; rm -r /tmp/b; };"
      /* A flat repository of what lies in the current folder. */
      "index () { rm -f Packages; for f in *.deb; do dpkg-deb -f $f; echo Filename: ./$f; echo Size: $(stat -c %s $f);"
      " echo SHA256: $(sha256sum < $f | cut -d' ' -f1); echo; done > Packages;"
      " printf 'Date: Thu, 01 Jan 2026 00:00:00 UTC\\nSHA256:\\n %s %s Packages\\n' $(sha256sum < Packages | cut -d' ' "
      "-f1)"
      " $(stat -c %s Packages) > Release; };\n";

/* This host's own sources are not for tests. */
static void
prepare (Machine *self, const char *script)
{
  g_autofree char *all = g_strconcat (
      "set -e; exec 2>&1; umask 022; rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*"
      " /etc/apt/apt.conf.d/*proxy* /var/lib/apt/lists /var/cache/apt/*.bin; mkdir -p /tmp/repo; cd /tmp/repo;"
      " touch /etc/ssl/certs/ca-certificates.crt; ",
      make_package, script, NULL);

  machine_do (self, all);
}

#define SOURCE "deb [trusted=yes] file:/tmp/repo ./"

static BsTopologyPackage *
repository_new (guint line, const char *source, const char *key, const char *name)
{
  BsTopologyPackage *entry = package_new (line, BS_PACKAGE_REPOSITORY, name);

  entry->repository = (char *) source;
  entry->key = (char *) key;
  return entry;
}

static void
bake (Machine *self)
{
  g_autoptr (GError) error = NULL;

  machine_bake (self, &error);
  g_assert_no_error (error);
}

static char *
bake_fails (Machine *self, BsErrorCode code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (machine_bake (self, &error));
  g_assert_error (error, BS_ERROR, (int) code);
  return g_strdup (error->message);
}

static void
test_names_come_with_what_they_need (Machine *self, gconstpointer data)
{
  prepare (self,
           "pkg bs-needed 1; pkg bs-extra 1; pkg bs-shop 1 'Depends: bs-needed\\nRecommends: bs-extra\\n'; index");
  g_ptr_array_add (self->node.packages, repository_new (4, SOURCE, NULL, NULL));
  g_ptr_array_add (self->init.packages, package_new (8, BS_PACKAGE_NAME, "bs-shop"));
  bake (self);
  assert_output (self, "dpkg-query -W -f '${Package} ${Status}\\n' 'bs-*' | grep -v not-installed",
                 "bs-needed install ok installed\nbs-shop install ok installed\n");
  g_assert_cmpstr (self->told->str, ==, "adding a repository\nfetching lists of packages\ninstalling bs-shop\n");
  bake (self);
  assert_output (self, "ls /etc/apt/sources.list.d | wc -l", "1\n");
}

static void
test_a_file_is_installed_with_what_it_needs (Machine *self, gconstpointer data)
{
  prepare (self, "pkg bs-needed 1; index; mkdir /tmp/file; cd /tmp/file; pkg bs-file 1 'Depends: bs-needed\\n'");
  machine_do (self, "cd /tmp/repo; echo '" SOURCE "' > /etc/apt/sources.list; apt-get update -qq 2>&1");
  {
    g_autofree char *from = machine_path (self, "/tmp/file/bs-file_1.deb"), *content = NULL;
    g_autofree char *to = g_build_filename (self->topology, "pkgs with space.deb", NULL);
    gsize length;

    g_assert_true (g_file_get_contents (from, &content, &length, NULL));
    g_assert_true (g_file_set_contents (to, content, (gssize) length, NULL));
  }
  g_ptr_array_add (self->node.packages, package_new (4, BS_PACKAGE_FILE, "pkgs with space.deb"));
  bake (self);
  assert_output (self, "dpkg-query -W -f '${Package} ${Status}\\n' 'bs-*' | grep -v not-installed",
                 "bs-file install ok installed\nbs-needed install ok installed\n");
  assert_output (self, "ls -d /var/cache/benchscale-packages 2>/dev/null || echo none", "none\n");
  /* The lists were there: nothing was fetched. */
  g_assert_cmpstr (self->told->str, ==, "installing pkgs with space.deb\n");
}

static void
test_old_lists_are_fetched_once_more (Machine *self, gconstpointer data)
{
  prepare (self, "echo '" SOURCE "' > /etc/apt/sources.list; pkg bs-shop 1; index; apt-get update -qq;"
                 "rm *.deb; pkg bs-shop 2; index");
  g_ptr_array_add (self->node.packages, package_new (4, BS_PACKAGE_NAME, "bs-shop"));
  bake (self);
  assert_output (self, "dpkg-query -W -f '${Version}\\n' bs-shop", "2\n");
  g_assert_cmpstr (self->told->str, ==, "installing bs-shop\nfetching lists of packages\ninstalling bs-shop\n");
}

static void
test_an_unknown_name_has_its_own_position (Machine *self, gconstpointer data)
{
  g_autofree char *message = NULL;

  prepare (self, "echo '" SOURCE "' > /etc/apt/sources.list; pkg bs-shop 1; index");
  g_ptr_array_add (self->node.packages, package_new (4, BS_PACKAGE_NAME, "bs-shop"));
  g_ptr_array_add (self->node.packages, package_new (5, BS_PACKAGE_NAME, "bs-shoe"));
  message = bake_fails (self, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (message, "lab.yaml:5:9: 'apt-get install bs-shop bs-shoe "));
  g_assert_nonnull (strstr (message, "exited with 100"));
  g_assert_nonnull (strstr (message, "Unable to locate package bs-shoe"));
  /* The lists were missing, so they were fetched before: once. */
  g_assert_cmpstr (self->told->str, ==, "fetching lists of packages\ninstalling bs-shop, bs-shoe\n");
}

static void
test_a_package_whose_script_fails (Machine *self, gconstpointer data)
{
  g_autofree char *message = NULL;

  prepare (self,
           "echo '" SOURCE "' > /etc/apt/sources.list; pkg bs-good 1; pkg bs-bad 1 '' 'echo my reason; exit 5'; index");
  g_ptr_array_add (self->node.packages, package_new (4, BS_PACKAGE_NAME, "bs-good"));
  g_ptr_array_add (self->node.packages, package_new (5, BS_PACKAGE_NAME, "bs-bad"));
  message = bake_fails (self, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (message, "lab.yaml:5:9: "));
  g_assert_nonnull (strstr (message, "\n  my reason\n"));
}

static void
test_a_question_never_waits (Machine *self, gconstpointer data)
{
  prepare (self,
           "echo '" SOURCE
           "' > /etc/apt/sources.list; pkg bs-ask 1 '' 'echo $DEBIAN_FRONTEND > /tmp/frontend; read x; exit 0'; index");
  g_ptr_array_add (self->node.packages, package_new (4, BS_PACKAGE_NAME, "bs-ask"));
  bake (self);
  assert_output (self, "cat /tmp/frontend", "noninteractive\n");
}

static void
test_a_hanging_package_is_ended (Machine *self, gconstpointer data)
{
  g_autofree char *message = NULL;

  prepare (self,
           "echo '" SOURCE
           "' > /etc/apt/sources.list; pkg bs-slow 1 '' 'touch /tmp/asleep; sleep 1000'; index; apt-get update -qq");
  g_ptr_array_add (self->node.packages, package_new (4, BS_PACKAGE_NAME, "bs-slow"));
  self->remote.deadline_usec = bs_time_now_usec () + 3 * BS_USEC_PER_SEC;
  message = bake_fails (self, BS_ERROR_TIMEOUT);
  g_assert_true (g_str_has_prefix (message, "lab.yaml:4:9: 'apt-get install bs-slow "));
  self->remote.deadline_usec = bs_time_now_usec () + 20 * BS_USEC_PER_SEC;
  assert_output (self, "ls /tmp/asleep", "/tmp/asleep\n");
}

static void
test_a_key_signs_its_own_repository_only (Machine *self, gconstpointer data)
{
  g_autofree char *path = NULL, *key = NULL, *message = NULL;
  BsTopologyPackage *entry;

  if (!g_file_test ("/usr/bin/gpg", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("needs gpg to sign a repository");
      return;
    }
  prepare (self, "pkg bs-signed 1; index; export GNUPGHOME=/tmp/gpg; mkdir -m 700 $GNUPGHOME;"
                 "gpg --batch --quiet --passphrase '' --quick-gen-key x@x ed25519 sign never;"
                 "gpg --batch --quiet --clearsign -o InRelease Release; gpg --armor --export > /tmp/key; rm Release;"
                 "gpgconf --kill all");
  path = machine_path (self, "/tmp/key");
  g_assert_true (g_file_get_contents (path, &key, NULL, NULL));
  machine_write (self, "shop.key", key, 0600);
  entry = repository_new (4, "deb file:/tmp/repo ./", NULL, "bs-signed");
  g_ptr_array_add (self->node.packages, entry);
  message = bake_fails (self, BS_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (message, "lab.yaml:4:9: 'apt-get update "));
  g_assert_nonnull (strstr (message, "file:/tmp/repo"));
  machine_do (self, "rm /etc/apt/sources.list.d/*");
  entry->key = (char *) "shop.key";
  bake (self);
  assert_output (self, "dpkg-query -W -f '${Status}\\n' bs-signed", "install ok installed\n");
  assert_output (self,
                 "cd /etc/apt; grep -o 'Signed-By: /etc/apt/keyrings/benchscale-.*.asc' sources.list.d/* | wc -l;"
                 " stat -c %a keyrings/*.asc",
                 "1\n644\n");
}

static void
test_a_line_that_is_not_for_this_image (Machine *self, gconstpointer data)
{
  g_autofree char *message = NULL;

  g_ptr_array_add (self->node.packages, repository_new (4, "https://example.org/el9/", NULL, "x"));
  message = bake_fails (self, BS_ERROR_INVALID);
  g_assert_cmpstr (message, ==,
                   "lab.yaml:4:9: 'https://example.org/el9/' is no repository for apt-get, which this image has");
}

static void
test_an_image_without_package_tool (Machine *self, gconstpointer data)
{
  g_autofree char *message = NULL;

  machine_do (self, "rm -f /usr/bin/apt-get /bin/apt-get /usr/bin/dnf /sbin/apk");
  g_ptr_array_add (self->node.packages, package_new (4, BS_PACKAGE_NAME, "x"));
  message = bake_fails (self, BS_ERROR_UNSUPPORTED);
  g_assert_true (g_str_has_prefix (message, "lab.yaml:4:9: the image has neither apt-get nor dnf nor apk"));
}

/* Stand-ins beside the tests of the real apt: there is neither a real dnf nor apk on Debian. */
static void
test_other_tools_are_asked_in_their_words (Machine *self, gconstpointer data)
{
  prepare (self, "rm -f /usr/bin/apt-get; printf '#!/bin/sh\\necho dnf \"$@\" >> /tmp/said\\n' > /usr/local/bin/dnf; "
                 "chmod 755 /usr/local/bin/dnf");
  machine_write (self, "k", "key", 0644);
  machine_write (self, "x.rpm", "rpm", 0644);
  g_ptr_array_add (self->node.packages, repository_new (4, "https://example.org/el9/", "k", "bs-shop"));
  g_ptr_array_add (self->node.packages, package_new (5, BS_PACKAGE_FILE, "x.rpm"));
  g_ptr_array_add (self->node.packages, package_new (6, BS_PACKAGE_URL, "https://example.org/y.rpm"));
  bake (self);
  assert_output (
      self, "cat /tmp/said; cat /etc/yum.repos.d/*.repo | grep -c gpgkey=file:///etc/pki/rpm-gpg/benchscale-",
      "dnf makecache --refresh --quiet\n"
      "dnf install bs-shop /var/cache/benchscale-packages/package-1.rpm https://example.org/y.rpm --assumeyes "
      "--quiet --setopt=install_weak_deps=False\n1\n");
  machine_do (self, "rm -f /tmp/said; mkdir -p /etc/apk; touch /etc/apk/repositories; mv /usr/local/bin/dnf "
                    "/usr/local/bin/apk; sed -i s/dnf/apk/ /usr/local/bin/apk");
  g_ptr_array_set_size (self->node.packages, 0);
  machine_write (self, "x.apk", "apk", 0644);
  g_ptr_array_add (self->node.packages, repository_new (4, "https://example.org/edge", "k", "bs-shop"));
  g_ptr_array_add (self->node.packages, package_new (5, BS_PACKAGE_FILE, "x.apk"));
  bake (self);
  assert_output (
      self, "cat /tmp/said /etc/apk/repositories /etc/apk/keys/k",
      "apk add bs-shop /var/cache/benchscale-packages/package-1.apk --allow-untrusted --no-cache --no-progress\n"
      "https://example.org/edge\nkey");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!g_file_test ("/usr/bin/apt-get", G_FILE_TEST_EXISTS))
    {
      printf ("1..0 # SKIP needs apt\n");
      return 0;
    }
  if (!machine_enter ())
    return 0;
  MACHINE_TEST ("/packages/names", test_names_come_with_what_they_need);
  MACHINE_TEST ("/packages/file", test_a_file_is_installed_with_what_it_needs);
  MACHINE_TEST ("/packages/stale", test_old_lists_are_fetched_once_more);
  MACHINE_TEST ("/packages/unknown", test_an_unknown_name_has_its_own_position);
  MACHINE_TEST ("/packages/script-fails", test_a_package_whose_script_fails);
  MACHINE_TEST ("/packages/question", test_a_question_never_waits);
  MACHINE_TEST ("/packages/hangs", test_a_hanging_package_is_ended);
  MACHINE_TEST ("/packages/key", test_a_key_signs_its_own_repository_only);
  MACHINE_TEST ("/packages/wrong-line", test_a_line_that_is_not_for_this_image);
  MACHINE_TEST ("/packages/no-tool", test_an_image_without_package_tool);
  MACHINE_TEST ("/packages/other-tools", test_other_tools_are_asked_in_their_words);
  return g_test_run ();
}
