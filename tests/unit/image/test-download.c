/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads with the real benchscale-fetch from a server with faults. */
#include "bs-download.h"
#include "bs-error.h"
#include "bs-process.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "http-server.h"
#include "../base/namespace.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define SIZE (3 * 1024 * 1024 + 17)
#define NAME "x.part"

typedef struct
{
  char *top, *served, *into;
  HttpServer *server;
  char *data;
  BsDigest digest;
  GString *notes;
  GCancellable *cancellable;
  guint64 cancel_at; /* bytes; 0: never */
} Host;

static void
put_file (Host *host, const char *name, const char *data, gsize length)
{
  g_autofree char *path = g_build_filename (host->served, name, NULL);

  g_assert_true (g_file_set_contents (path, data, (gssize) length, NULL));
}

static void
fill (Host *host, guint seed)
{
  g_autofree char *hex = NULL;

  for (guint i = 0; i < SIZE; i++)
    host->data[i] = (char) ((i * 2654435761u + seed) >> 13);
  hex = g_compute_checksum_for_data (G_CHECKSUM_SHA512, (const guchar *) host->data, SIZE);
  g_assert_true (bs_digest_set (&host->digest, G_CHECKSUM_SHA512, hex));
  put_file (host, "file", host->data, SIZE);
}

static void
host_open (Host *host)
{
  memset (host, 0, sizeof *host);
  host->top = g_dir_make_tmp ("bs-test-XXXXXX", NULL);
  host->served = g_build_filename (host->top, "served", NULL);
  host->into = g_build_filename (host->top, "into", NULL);
  g_assert_cmpint (mkdir (host->served, 0755), ==, 0);
  g_assert_cmpint (mkdir (host->into, 0755), ==, 0);
  host->data = g_malloc (SIZE);
  host->notes = g_string_new (NULL);
  host->cancellable = g_cancellable_new ();
  fill (host, 1);
  host->server = http_server_new (host->served, NULL);
}

static void
host_close (Host *host)
{
  http_server_free (host->server);
  g_assert_true (bs_file_remove_tree (AT_FDCWD, host->top, NULL));
  g_free (host->top);
  g_free (host->served);
  g_free (host->into);
  g_free (host->data);
  g_string_free (host->notes, TRUE);
  g_object_unref (host->cancellable);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Host, host_close)

static void
watch (guint64 done, guint64 total, const char *note, gpointer user_data)
{
  Host *host = user_data;

  if (note != NULL)
    g_string_append_printf (host->notes, "%s\n", note);
  if (host->cancel_at > 0 && done >= host->cancel_at)
    g_cancellable_cancel (host->cancellable);
}

static gboolean
fetch_as (Host *host, const char *path, BsDownload *request, GError **error)
{
  g_autofree char *url = http_server_url (host->server, path), *sha256 = NULL, *wanted = NULL;
  gboolean done;

  request->url = url;
  request->name = NAME;
  request->backoff_usec = 1000;
  done = bs_download (request, g_getenv ("BENCHSCALE_TEST_FETCH"), host->into, watch, host, host->cancellable, &sha256,
                      error);
  wanted = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) host->data, SIZE);
  if (done && request->expected != NULL)
    g_assert_cmpstr (sha256, ==, wanted);
  request->url = NULL;
  return done;
}

static gboolean
fetch (Host *host, const char *path, GError **error)
{
  BsDownload request = BS_DOWNLOAD_INIT;

  request.expected = &host->digest;
  return fetch_as (host, path, &request, error);
}

static gboolean
is_there (const Host *host, const char *name)
{
  g_autofree char *path = g_build_filename (host->into, name, NULL);

  return access (path, F_OK) == 0;
}

static void
assert_fetched (Host *host, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (host->into, NAME, NULL), *got = NULL;
  gsize length;

  fetch (host, path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (file, &got, &length, NULL));
  g_assert_cmpmem (got, length, host->data, SIZE);
}

static void
assert_refused (Host *host, const char *path, int code, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (fetch (host, path, &error));
  g_assert_error (error, BS_ERROR, code);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' does not say '%s'", error->message, text);
}

static void
test_whole (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_fetched (&host, "file");
  g_assert_cmpuint (http_server_count (host.server, "file"), ==, 1);
  /* It is whole: nothing is asked again. */
  assert_fetched (&host, "file");
  g_assert_cmpuint (http_server_count (host.server, "file"), ==, 1);
}

static void
test_size_not_told (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_fetched (&host, "unsized/file");
}

static void
test_broken_off_goes_on_where_it_was (void)
{
  g_auto (Host) host;
  g_autofree char *range = NULL;

  host_open (&host);
  assert_fetched (&host, "break=2000000/file");
  g_assert_cmpuint (http_server_count (host.server, "break=2000000/file"), ==, 2);
  range = http_server_range (host.server, "break=2000000/file");
  g_assert_cmpstr (range, ==, "bytes=2000000-");
  g_assert_nonnull (strstr (host.notes->str, "trying again"));
}

static void
test_server_without_ranges_sends_all_again (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_fetched (&host, "break=2000000/norange/file");
  g_assert_cmpuint (http_server_count (host.server, "break=2000000/norange/file"), ==, 2);
}

static void
test_server_without_validators_is_asked_for_all (void)
{
  g_auto (Host) host;
  g_autofree char *range = NULL;

  host_open (&host);
  assert_fetched (&host, "break=2000000/noetag/file");
  range = http_server_range (host.server, "break=2000000/noetag/file");
  g_assert_cmpstr (range, ==, "");
}

static void
test_wrong_sum_is_never_kept (void)
{
  g_auto (Host) host;

  host_open (&host);
  host.digest.hex[0] = host.digest.hex[0] == '0' ? '1' : '0';
  assert_refused (&host, "file", BS_ERROR_INVALID, "has the wrong checksum: it is ");
  g_assert_false (is_there (&host, NAME));
  g_assert_false (is_there (&host, NAME ".state"));
}

/* Interrupts a download on purpose once some of it is there. */
static void
interrupt (Host *host, const char *path)
{
  g_autoptr (GError) error = NULL;

  host->cancel_at = 1;
  g_assert_false (fetch (host, path, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "the download was interrupted");
  host->cancel_at = 0;
  g_cancellable_reset (host->cancellable);
}

static void
test_interrupted_is_resumed_by_the_next (void)
{
  g_auto (Host) host;
  g_autofree char *range = NULL;

  host_open (&host);
  interrupt (&host, "hold=1000000/file");
  g_assert_true (is_there (&host, NAME ".state"));
  assert_fetched (&host, "hold=1000000/file");
  range = http_server_range (host.server, "hold=1000000/file");
  g_assert_true (g_str_has_prefix (range, "bytes="));
}

static void
test_file_that_changed_comes_whole (void)
{
  g_auto (Host) host;

  host_open (&host);
  interrupt (&host, "hold=1000000/file");
  fill (&host, 99);
  assert_fetched (&host, "hold=1000000/file");
  g_assert_cmpuint (http_server_count (host.server, "hold=1000000/file"), ==, 2);
}

static void
test_damaged_part_is_found_by_its_sum (void)
{
  g_auto (Host) host;
  g_autofree char *path = NULL;
  bs_autofd int fd = -1;

  host_open (&host);
  interrupt (&host, "hold=1000000/file");
  path = g_build_filename (host.into, NAME, NULL);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (pwrite (fd, "damage", 6, 5000), ==, 6);
  assert_fetched (&host, "hold=1000000/file");
  g_assert_nonnull (strstr (host.notes->str, "beginning anew"));
}

static void
test_part_of_another_address_is_not_used (void)
{
  g_auto (Host) host;
  g_autofree char *range = NULL;

  host_open (&host);
  interrupt (&host, "hold=1000000/file");
  assert_fetched (&host, "other/file");
  range = http_server_range (host.server, "other/file");
  g_assert_cmpstr (range, ==, "");
}

/* The living child of ours, which runs benchscale-fetch; one of a test before may not be gone quite yet. */
static pid_t
find_fetch (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int) getpid ()), *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  words = g_strsplit (g_strstrip (text), " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      pid_t pid = (pid_t) g_ascii_strtoll (words[i], NULL, 10);
      char state = 'Z';

      if (bs_process_stat (pid, &state) != 0 && state != 'Z')
        return pid;
    }
  g_assert_not_reached ();
}

static void
kill_fetch (guint64 done, guint64 total, const char *note, gpointer user_data)
{
  if (note == NULL && done > 0)
    g_assert_cmpint (kill (find_fetch (), SIGKILL), ==, 0);
}

static void
test_killed_is_told_and_resumed (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL, *range = NULL;
  BsDownload request = BS_DOWNLOAD_INIT;

  host_open (&host);
  url = http_server_url (host.server, "hold=1000000/file");
  request.url = url;
  request.name = NAME;
  g_assert_false (
      bs_download (&request, g_getenv ("BENCHSCALE_TEST_FETCH"), host.into, kill_fetch, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_cmpstr (bs_error_hint (error), ==, "what came so far is kept: try again");
  assert_fetched (&host, "hold=1000000/file");
  range = http_server_range (host.server, "hold=1000000/file");
  g_assert_true (g_str_has_prefix (range, "bytes="));
}

static void
test_missing_file (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_refused (&host, "nothing", BS_ERROR_NOT_FOUND, "the server answers 404 Not Found");
  g_assert_cmpuint (http_server_count (host.server, "nothing"), ==, 1);
}

static void
test_forbidden_is_not_tried_again (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_refused (&host, "status=403/file", BS_ERROR_FAILED, "the server answers 403 Forbidden");
  g_assert_cmpuint (http_server_count (host.server, "status=403/file"), ==, 1);
}

static void
test_server_error_then_fine (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_fetched (&host, "flaky=2/file");
  g_assert_cmpuint (http_server_count (host.server, "flaky=2/file"), ==, 3);
}

static void
test_server_error_for_ever (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_refused (&host, "status=503/file", BS_ERROR_FAILED, "the server answers 503 Service Unavailable");
  g_assert_cmpuint (http_server_count (host.server, "status=503/file"), ==, 5);
}

static void
test_redirections (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_fetched (&host, "to=..|file/x");
  assert_refused (&host, "to=|nothing/x", BS_ERROR_NOT_FOUND, "/nothing': the server answers 404");
}

static void
test_redirection_ring (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_refused (&host, "to=x/x", BS_ERROR_PROTOCOL, "redirects in a ring");
  g_assert_cmpuint (http_server_count (host.server, "to=x/x"), ==, 1);
}

static void
test_redirection_elsewhere (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_refused (&host, "to=file:|||etc|passwd/x", BS_ERROR_PROTOCOL, "redirects to what is no web address");
}

static void
test_announced_more_than_comes (void)
{
  g_auto (Host) host;

  host_open (&host);
  /* All there is has come, but more was announced: the rest never comes, whatever is tried. */
  assert_refused (&host, "lie=1000/file", BS_ERROR_FAILED, "cannot download");
}

static void
test_announced_less_than_there_is (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_refused (&host, "short=1000/file", BS_ERROR_INVALID, "has the wrong checksum");
}

static void
test_encoded_is_refused (void)
{
  g_auto (Host) host;

  host_open (&host);
  assert_refused (&host, "encoded/file", BS_ERROR_PROTOCOL, "the server encodes");
}

static void
test_silent_server (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  BsDownload request = BS_DOWNLOAD_INIT;

  host_open (&host);
  request.stall_usec = G_USEC_PER_SEC;
  request.attempts = 1;
  g_assert_false (fetch_as (&host, "hold=1000/file", &request, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_assert_nonnull (strstr (error->message, "the server sends nothing"));
}

static void
test_trickling_server (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  BsDownload request = BS_DOWNLOAD_INIT;

  host_open (&host);
  request.stall_usec = G_USEC_PER_SEC / 2;
  request.attempts = 1;
  g_assert_false (fetch_as (&host, "trickle=10/file", &request, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_TIMEOUT);
  g_assert_nonnull (strstr (error->message, "next to nothing"));
}

static void
test_stall_is_tried_again (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  BsDownload request = BS_DOWNLOAD_INIT;

  host_open (&host);
  request.stall_usec = G_USEC_PER_SEC;
  request.expected = &host.digest;
  fetch_as (&host, "hold=100000/file", &request, &error);
  g_assert_no_error (error);
}

static void
test_too_large (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  BsDownload request = BS_DOWNLOAD_INIT;

  host_open (&host);
  request.limit = 1000;
  g_assert_false (fetch_as (&host, "file", &request, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "larger than what is allowed"));
}

static void
test_nobody_listens (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  BsDownload request = BS_DOWNLOAD_INIT;

  host_open (&host);
  request.url = "http://127.0.0.1:1/file";
  request.name = NAME;
  request.attempts = 2;
  request.backoff_usec = 1000;
  g_assert_false (
      bs_download (&request, g_getenv ("BENCHSCALE_TEST_FETCH"), host.into, watch, &host, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "Connection refused"));
}

static void
test_missing_program (void)
{
  g_auto (Host) host;
  g_autoptr (GError) error = NULL;
  BsDownload request = BS_DOWNLOAD_INIT;

  host_open (&host);
  request.url = "http://127.0.0.1:1/";
  request.name = NAME;
  g_assert_false (bs_download (&request, "/nowhere/benchscale-fetch", host.into, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
}

static void
full_disk (const char *path)
{
  g_auto (Host) host;

  host_open (&host);
  g_assert_cmpint (mount ("tmpfs", host.into, "tmpfs", 0, "size=1m"), ==, 0);
  assert_refused (&host, "file", BS_ERROR_EXHAUSTED, "the disk has no room for it: 3 MiB are to come");
  assert_refused (&host, "unsized/file", BS_ERROR_EXHAUSTED, "No space left on device");
  g_assert_cmpint (umount (host.into), ==, 0);
}

static void
test_full_disk (void)
{
  namespace_run (full_disk, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* It forks, so it comes before any thread. */
  g_test_add_func ("/download/full-disk", test_full_disk);
  g_test_add_func ("/download/whole", test_whole);
  g_test_add_func ("/download/size-not-told", test_size_not_told);
  g_test_add_func ("/download/broken-off-goes-on-where-it-was", test_broken_off_goes_on_where_it_was);
  g_test_add_func ("/download/server-without-ranges-sends-all-again", test_server_without_ranges_sends_all_again);
  g_test_add_func ("/download/server-without-validators-is-asked-for-all",
                   test_server_without_validators_is_asked_for_all);
  g_test_add_func ("/download/wrong-sum-is-never-kept", test_wrong_sum_is_never_kept);
  g_test_add_func ("/download/interrupted-is-resumed-by-the-next", test_interrupted_is_resumed_by_the_next);
  g_test_add_func ("/download/file-that-changed-comes-whole", test_file_that_changed_comes_whole);
  g_test_add_func ("/download/damaged-part-is-found-by-its-sum", test_damaged_part_is_found_by_its_sum);
  g_test_add_func ("/download/part-of-another-address-is-not-used", test_part_of_another_address_is_not_used);
  g_test_add_func ("/download/killed-is-told-and-resumed", test_killed_is_told_and_resumed);
  g_test_add_func ("/download/missing-file", test_missing_file);
  g_test_add_func ("/download/forbidden-is-not-tried-again", test_forbidden_is_not_tried_again);
  g_test_add_func ("/download/server-error-then-fine", test_server_error_then_fine);
  g_test_add_func ("/download/server-error-for-ever", test_server_error_for_ever);
  g_test_add_func ("/download/redirections", test_redirections);
  g_test_add_func ("/download/redirection-ring", test_redirection_ring);
  g_test_add_func ("/download/redirection-elsewhere", test_redirection_elsewhere);
  g_test_add_func ("/download/announced-more-than-comes", test_announced_more_than_comes);
  g_test_add_func ("/download/announced-less-than-there-is", test_announced_less_than_there_is);
  g_test_add_func ("/download/encoded-is-refused", test_encoded_is_refused);
  g_test_add_func ("/download/silent-server", test_silent_server);
  g_test_add_func ("/download/trickling-server", test_trickling_server);
  g_test_add_func ("/download/stall-is-tried-again", test_stall_is_tried_again);
  g_test_add_func ("/download/too-large", test_too_large);
  g_test_add_func ("/download/nobody-listens", test_nobody_listens);
  g_test_add_func ("/download/missing-program", test_missing_program);
  return g_test_run ();
}
