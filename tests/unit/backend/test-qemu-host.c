/* SPDX-License-Identifier: Apache-2.0 */
/* What is learnt about the host, and kept. */
#include "bs-accel.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-host-memory.h"
#include "bs-memo.h"
#include "bs-qemu-host.h"
#include "bs-qemu-ports.h"
#include "bs-time.h"
#include "bs-tsc.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static char *scratch;

static void
put (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (scratch, name, NULL), *folder = g_path_get_dirname (path);

  g_assert_true (bs_file_make_dirs (folder, 0755, NULL));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A program in scratch that prints @says and then does @more. */
static char *
program (const char *name, const char *says, const char *more)
{
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\necho '%s'\n%s\n", says, more);
  char *path = g_build_filename (scratch, name, NULL);

  put (name, text);
  g_assert_cmpint (chmod (path, 0755), ==, 0);
  return path;
}

static void
version_is_parsed (void)
{
  g_autofree char *good = bs_qemu_host_parse_version ("QEMU emulator version 7.2.22 (Debian 1:7.2)\nCopyright");
  g_autofree char *bad = bs_qemu_host_parse_version ("GNU bash, version 5.2");

  g_assert_cmpstr (good, ==, "7.2.22");
  g_assert_null (bad);
}

static void
old_versions_do_not_fit (void)
{
  g_assert_true (bs_qemu_host_version_fits ("7.2.0"));
  g_assert_true (bs_qemu_host_version_fits ("10.0"));
  g_assert_false (bs_qemu_host_version_fits ("7.1.99"));
  g_assert_false (bs_qemu_host_version_fits ("6.2"));
  g_assert_false (bs_qemu_host_version_fits (""));
}

/* Settings are read once in a process, so each host is looked at in a process of its own. */
static void
find_in_subprocess (const char *qemu)
{
  if (g_test_subprocess ())
    {
      g_auto (BsQemuHost) host = { 0 };
      g_autoptr (GError) error = NULL;

      if (!bs_qemu_host_find (&host, &error))
        g_printerr ("code %d: %s; hint: %s\n", error->code, error->message, bs_error_hint (error));
      return;
    }
  g_setenv ("BENCHSCALE_QEMU", qemu, TRUE);
  g_setenv ("BENCHSCALE_CACHE_DIR", scratch, TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

static void
missing_qemu_has_a_cure (void)
{
  find_in_subprocess ("/no/such/qemu");
  if (!g_test_subprocess ())
    g_test_trap_assert_stderr ("*code 2: there is no QEMU on this host: '/no/such/qemu' cannot be found; "
                               "hint: apt-get install qemu-system-x86*");
}

static void
old_qemu_is_refused (void)
{
  g_autofree char *old = program ("old-qemu", "QEMU emulator version 5.2.0 (Debian)", "");

  find_in_subprocess (old);
  if (!g_test_subprocess ())
    g_test_trap_assert_stderr ("*code 2: QEMU 5.2.0 is too old, 7.2 is needed; hint: install QEMU 7.2 or newer*");
}

static void
other_program_is_no_qemu (void)
{
  g_autofree char *other = program ("other", "hello", "");

  find_in_subprocess (other);
  if (!g_test_subprocess ())
    g_test_trap_assert_stderr ("*code 2: '*other' is not QEMU*");
}

static void
memory_is_what_is_available (void)
{
  put ("proc/meminfo", "MemTotal: 4096000 kB\nMemAvailable:    2048000 kB\n");
  put ("proc/self/cgroup", "");
  g_assert_cmpuint (bs_host_memory_free_mib (scratch), ==, 2000);
}

static void
control_groups_allow_less (void)
{
  put ("proc/meminfo", "MemAvailable:    2048000 kB\n");
  put ("proc/self/cgroup", "0::/a/b\n");
  put ("sys/fs/cgroup/a/memory.max", "1048576000\n");
  put ("sys/fs/cgroup/a/memory.current", "524288000\n");
  put ("sys/fs/cgroup/a/b/memory.max", "max\n");
  put ("sys/fs/cgroup/a/b/memory.current", "524288000\n");
  g_assert_cmpuint (bs_host_memory_free_mib (scratch), ==, 500);
  put ("proc/self/cgroup", "4:memory:/c\n3:cpu:/c\n");
  put ("sys/fs/cgroup/memory/c/memory.limit_in_bytes", "104857600\n");
  put ("sys/fs/cgroup/memory/c/memory.usage_in_bytes", "204857600\n");
  g_assert_cmpuint (bs_host_memory_free_mib (scratch), ==, 0);
  put ("sys/fs/cgroup/memory/c/memory.limit_in_bytes", "9223372036854771712\n");
  g_assert_cmpuint (bs_host_memory_free_mib (scratch), ==, 2000);
}

static void
memo_holds_for_its_key_only (void)
{
  g_autoptr (json_t) value = json_pack ("{s:i}", "n", 5), same = NULL, other = NULL, none = NULL, broken = NULL;

  bs_memo_write (scratch, "memo.json", "key", value);
  same = bs_memo_read (scratch, "memo.json", "key");
  g_assert_cmpint (bs_json_int (same, "n", 0), ==, 5);
  other = bs_memo_read (scratch, "memo.json", "another");
  g_assert_null (other);
  none = bs_memo_read (scratch, "none.json", "key");
  g_assert_null (none);
  put ("memo.json", "{\"key\":\"key\",\"value\":");
  broken = bs_memo_read (scratch, "memo.json", "key");
  g_assert_null (broken);
}

static BsVerdict
decide (BsAccel wanted, const char *qemu, const char *device)
{
  BsAccelTrial trial = { qemu, "/k", "/i", "c" };
  g_autoptr (GError) error = NULL;
  BsVerdict verdict = bs_accel_decide (wanted, scratch, device, &trial, NULL, &error);

  g_assert_no_error (error);
  return verdict;
}

static void
settings_override_the_trial (void)
{
  g_assert_cmpint (decide (BS_ACCEL_KVM, "/no/qemu", "/no/kvm"), ==, BS_VERDICT_KVM);
  g_assert_cmpint (decide (BS_ACCEL_TCG, "/no/qemu", "/dev/null"), ==, BS_VERDICT_TCG);
}

static void
no_device_is_tcg_without_trial (void)
{
  g_assert_cmpint (decide (BS_ACCEL_AUTO, "/no/qemu", "/no/kvm"), ==, BS_VERDICT_TCG);
}

static void
progress_is_kvm_and_remembered (void)
{
  g_autofree char *good = program ("good", "[    0.1] Run /init as init process", "exec sleep 1000");

  g_assert_cmpint (bs_accel_known (BS_ACCEL_AUTO, scratch, good, "/dev/null"), ==, BS_VERDICT_UNKNOWN);
  g_assert_cmpint (decide (BS_ACCEL_AUTO, good, "/dev/null"), ==, BS_VERDICT_KVM);
  g_assert_cmpint (bs_accel_known (BS_ACCEL_AUTO, scratch, good, "/dev/null"), ==, BS_VERDICT_KVM);
}

static void
silence_is_tcg_and_remembered (void)
{
  g_autofree char *dead = program ("dead", "Probing EDD", "exit 1");

  g_assert_cmpint (decide (BS_ACCEL_AUTO, dead, "/dev/null"), ==, BS_VERDICT_TCG);
  g_assert_cmpint (bs_accel_known (BS_ACCEL_AUTO, scratch, dead, "/dev/null"), ==, BS_VERDICT_TCG);
  /* Another QEMU under the same name is tried anew. */
  g_free (program ("dead", "a newer one, Run /init as init process", "exit 0"));
  g_assert_cmpint (bs_accel_known (BS_ACCEL_AUTO, scratch, dead, "/dev/null"), ==, BS_VERDICT_UNKNOWN);
  g_assert_cmpint (decide (BS_ACCEL_AUTO, dead, "/dev/null"), ==, BS_VERDICT_KVM);
}

static void
hanging_trial_ends_at_its_deadline (void)
{
  const char *argv[] = { "sh", "-c", "echo early; exec sleep 1000", NULL };
  g_autofree char *reason = NULL;

  g_assert_false (bs_accel_try (argv, bs_time_now_usec () + BS_USEC_PER_SEC / 5, NULL, &reason));
  g_assert_nonnull (strstr (reason, "got no further than: early"));
}

static void
interrupted_trial_is_no_verdict (void)
{
  g_autofree char *slow = program ("slow", "early", "exec sleep 1000");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  BsAccelTrial trial = { slow, "/k", "/i", "c" };
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_cmpint (bs_accel_decide (BS_ACCEL_AUTO, scratch, "/dev/null", &trial, cancellable, &error), ==,
                   BS_VERDICT_UNKNOWN);
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpint (bs_accel_known (BS_ACCEL_AUTO, scratch, slow, "/dev/null"), ==, BS_VERDICT_UNKNOWN);
}

static void
counter_is_measured_and_kept (void)
{
  guint first = bs_tsc_khz (scratch), second = bs_tsc_khz (scratch);

  g_assert_cmpuint (first, >=, 100000);
  g_assert_cmpuint (first, ==, second);
}

static void
taken_port_is_named (void)
{
  bs_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = { .sin_family = AF_INET };
  g_autoptr (BsBackendNode) node = bs_backend_node_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *wanted = NULL;
  socklen_t size = sizeof address;
  BsBackendPort port = { 0, 80 };

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  getsockname (fd, (struct sockaddr *) &address, &size);
  port.host = ntohs (address.sin_port);
  node->name = g_strdup ("web");
  g_array_append_val (node->ports, port);
  g_assert_false (bs_qemu_ports_check (node, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXISTS);
  wanted = g_strdup_printf ("node 'web' cannot forward port %u: it is taken on this host", port.host);
  g_assert_cmpstr (error->message, ==, wanted);
  g_assert_nonnull (bs_error_hint (error));
}

static void
qemus_words_about_ports_are_understood (void)
{
  g_autoptr (BsBackendNode) node = bs_backend_node_new ();
  g_autoptr (GError) error = NULL;

  node->name = g_strdup ("web");
  g_assert_false (bs_qemu_ports_explain (node, "qemu: something else", &error));
  g_assert_no_error (error);
  g_assert_true (bs_qemu_ports_explain (
      node, "qemu-system-x86_64: -netdev user: Could not set up host forwarding rule 'tcp:127.0.0.1:8080-10.0.2.15:80'",
      &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "port 8080"));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  scratch = g_dir_make_tmp ("benchscale-test-XXXXXX", NULL);
  g_test_add_func ("/qemu-host/version-is-parsed", version_is_parsed);
  g_test_add_func ("/qemu-host/old-versions-do-not-fit", old_versions_do_not_fit);
  g_test_add_func ("/qemu-host/missing-qemu-has-a-cure", missing_qemu_has_a_cure);
  g_test_add_func ("/qemu-host/old-qemu-is-refused", old_qemu_is_refused);
  g_test_add_func ("/qemu-host/other-program-is-no-qemu", other_program_is_no_qemu);
  g_test_add_func ("/host-memory/is-what-is-available", memory_is_what_is_available);
  g_test_add_func ("/host-memory/control-groups-allow-less", control_groups_allow_less);
  g_test_add_func ("/memo/holds-for-its-key-only", memo_holds_for_its_key_only);
  g_test_add_func ("/accel/settings-override-the-trial", settings_override_the_trial);
  g_test_add_func ("/accel/no-device-is-tcg-without-trial", no_device_is_tcg_without_trial);
  g_test_add_func ("/accel/progress-is-kvm-and-remembered", progress_is_kvm_and_remembered);
  g_test_add_func ("/accel/silence-is-tcg-and-remembered", silence_is_tcg_and_remembered);
  g_test_add_func ("/accel/hanging-trial-ends-at-its-deadline", hanging_trial_ends_at_its_deadline);
  g_test_add_func ("/accel/interrupted-trial-is-no-verdict", interrupted_trial_is_no_verdict);
  g_test_add_func ("/tsc/counter-is-measured-and-kept", counter_is_measured_and_kept);
  g_test_add_func ("/ports/taken-port-is-named", taken_port_is_named);
  g_test_add_func ("/ports/qemus-words-are-understood", qemus_words_about_ports_are_understood);
  result = g_test_run ();
  bs_file_remove_tree (AT_FDCWD, scratch, NULL);
  g_free (scratch);
  return result;
}
