/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-name.h"

#include <string.h>

typedef gboolean (*Judge) (const char *text, const char **problem);

/* Those of @good are taken; each of @bad is refused with a reason. */
static void
assert_judges (Judge judge, const char *const *good, const char *const *bad)
{
  for (; *good != NULL; good++)
    {
      const char *problem = "unset";

      g_assert_true (judge (*good, &problem));
    }
  for (; *bad != NULL; bad++)
    {
      const char *problem = NULL;

      g_assert_false (judge (*bad, &problem));
      g_assert_nonnull (problem);
    }
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_users (void)
{
  assert_judges (
      bs_name_is_user, LIST ("root", "_apt", "www-data", "a1"),
      LIST ("", "1a", "Root", "a b", "a:b", "-x", "a\n", "../x", "ab.c", "a23456789012345678901234567890123"));
}

static void
test_owners (void)
{
  assert_judges (bs_name_is_owner, LIST ("root", "root:adm", "0", "0:0", "Domain.User"),
                 LIST ("", ":", "root:", ":root", "a:b:c", "-R", "a b", "a\n"));
}

static void
test_hosts (void)
{
  assert_judges (bs_name_is_host, LIST ("web", "web-1.example.org", "1"),
                 LIST ("", "-web", "web-", "a..b", ".a", "a.", "a_b", "a b", "a\n", "w\303\251b",
                       "a234567890123456789012345678901234567890123456789012345678901234",
                       "a2345678901234567890123456789012345678901234567.a234567890123456789"));
}

static void
test_keys (void)
{
  assert_judges (bs_name_is_ssh_key,
                 LIST ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB== me@host",
                       "no-pty,command=\"x y\" ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlz me",
                       "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5"),
                 LIST ("", "ssh-ed25519", "ssh-ed25519 short", "AAAAC3NzaC1lZDI1NTE5AAAAIFake", "# comment",
                       "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake\nssh-rsa x", "-----BEGIN OPENSSH PRIVATE KEY-----"));
}

static void
test_passwords (void)
{
  assert_judges (bs_name_is_password, LIST ("a", "a:b", "\303\251 \"'$`\\"), LIST ("", "a\nb", "a\tb", "\377"));
}

static void
test_paths (void)
{
  assert_judges (bs_name_is_path, LIST ("/", "/etc/x", "/a b/'\"$"), LIST ("", "etc", "./x", "/a\nb", "/\377"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/name/users", test_users);
  g_test_add_func ("/name/owners", test_owners);
  g_test_add_func ("/name/hosts", test_hosts);
  g_test_add_func ("/name/ssh-keys", test_keys);
  g_test_add_func ("/name/passwords", test_passwords);
  g_test_add_func ("/name/paths", test_paths);
  return g_test_run ();
}
