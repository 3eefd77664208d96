/* SPDX-License-Identifier: Apache-2.0 */
/* bs-transfer.c — attempts at one download
 *
 * Goals: every byte that came is used, no byte of another file ever is; no server can keep us for ever, lead us away
 * from https, or fill the disk.
 *
 * An attempt asks for what is missing (Range, with If-Range so that a changed file comes whole), follows redirections
 * by itself, and appends what comes. It ends in one of three ways: whole; broken, which is tried again after a pause
 * that doubles; or refused, which no other attempt would change. Attempts that bring at least PROGRESS bytes do not
 * count. A server that sends nothing for stall_usec, or less than TRICKLE bytes a second on average over that time, has
 * broken the connection as far as we are concerned. A wrong digest is final, unless part of the bytes came from an
 * earlier run: then all are fetched once more.
 *
 * Limits: one connection, HTTP/1.1, no content encodings. A file whose server gives neither a strong ETag nor a date
 * begins anew after each break.
 */
#include "bs-transfer.h"
#include "bs-error.h"
#include "bs-redirect.h"
#include "bs-time.h"

#include <libsoup/soup.h>
#include <string.h>

#define CHUNK (256 * 1024)
#define PROGRESS (1024 * 1024)
#define TRICKLE 256
#define REPORT_USEC (100 * BS_USEC_PER_MSEC)
#define PAUSE_USEC_MAX (30 * BS_USEC_PER_SEC)

typedef enum
{
  WHOLE,
  BROKEN,
  REFUSED,
} Outcome;

typedef struct
{
  const BsTransfer *request;
  BsTransferReport report;
  SoupSession *session;
  BsPart *part;
  gint64 pause_usec; /* what the server asked for */
} Work;

static Outcome
refuse (GError **error, BsErrorCode code, const char *url, const char *hint, const char *why)
{
  g_autofree char *shown = bs_redirect_show (url);

  bs_set_error (error, code, hint, "cannot download '%s': %s", shown, why);
  return REFUSED;
}

/* Certificates are the one fault of a connection that another attempt does not mend. */
static Outcome
judge_connection (GError *local, const char *url, GError **error)
{
  gboolean slow = g_error_matches (local, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  gboolean distrust = g_error_matches (local, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
  g_autofree char *shown = bs_redirect_show (url);

  bs_set_error (error, slow ? BS_ERROR_TIMEOUT : BS_ERROR_FAILED,
                distrust ? "install ca-certificates, and see that the clock is right" : NULL,
                "cannot download '%s': %s", shown, slow ? "the server sends nothing" : local->message);
  return distrust ? REFUSED : BROKEN;
}

static Outcome
judge_status (Work *work, SoupMessage *message, const char *url, GError **error)
{
  guint status = soup_message_get_status (message);
  const char *after = soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");
  g_autofree char *why = g_strdup_printf ("the server answers %u %s", status, soup_status_get_phrase (status));
  gboolean again = status >= 500 || status == SOUP_STATUS_REQUEST_TIMEOUT || status == 429;

  if (again && after != NULL)
    work->pause_usec = CLAMP (g_ascii_strtoll (after, NULL, 10), 0, 30) * BS_USEC_PER_SEC;
  if (status == SOUP_STATUS_NOT_FOUND || status == SOUP_STATUS_GONE)
    return refuse (error, BS_ERROR_NOT_FOUND, url, "the publisher may have moved it: see the catalogue's address", why);
  refuse (error, BS_ERROR_FAILED, url, NULL, why);
  return again ? BROKEN : REFUSED;
}

static SoupMessage *
make_message (const Work *work, const char *url, gboolean resume, GError **error)
{
  SoupMessage *message = soup_message_new (SOUP_METHOD_GET, url);
  SoupMessageHeaders *headers;

  if (message == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is no web address", url);
      return NULL;
    }
  headers = soup_message_get_request_headers (message);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (resume)
    {
      soup_message_headers_set_range (headers, work->part->length, -1);
      soup_message_headers_replace (headers, "If-Range", work->part->validator);
    }
  return message;
}

static gboolean
is_redirection (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Asks, and follows redirections. WHOLE: there is an answer with a body to read. */
static Outcome
ask (Work *work, gboolean resume, SoupMessage **message, GInputStream **body, char **asked, GError **error)
{
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (seen, g_strdup (work->request->url));
  for (;;)
    {
      const char *url = g_ptr_array_index (seen, seen->len - 1);
      g_autoptr (GError) local = NULL;
      g_autoptr (SoupMessage) next = make_message (work, url, resume, error);
      g_autoptr (GInputStream) stream = NULL;

      if (next == NULL)
        return REFUSED;
      stream = soup_session_send (work->session, next, NULL, &local);
      if (stream == NULL)
        return judge_connection (local, url, error);
      if (!is_redirection (soup_message_get_status (next)))
        {
          *asked = g_strdup (url);
          *message = g_steal_pointer (&next);
          *body = g_steal_pointer (&stream);
          return WHOLE;
        }
      if (!bs_redirect_resolve (
              seen, soup_message_headers_get_one (soup_message_get_response_headers (next), "Location"), error))
        return REFUSED;
    }
}

/* What If-Range may name; a weak ETag tells nothing about bytes. */
static const char *
find_validator (SoupMessageHeaders *headers)
{
  const char *etag = soup_message_headers_get_one (headers, "ETag");

  if (etag != NULL && etag[0] == '"')
    return etag;
  return soup_message_headers_get_one (headers, "Last-Modified");
}

static gint64
announced_length (SoupMessageHeaders *headers)
{
  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH)
    return -1;
  return soup_message_headers_get_content_length (headers);
}

/* Whether the answer's bytes follow ours. */
static gboolean
continues (const BsPart *part, SoupMessageHeaders *headers)
{
  goffset start, end, total;

  return soup_message_headers_get_content_range (headers, &start, &end, &total) && start == part->length
         && (total < 0 || part->total < 0 || total == part->total);
}

/* Prepares the file for the bytes that the answer brings. */
static Outcome
accept_answer (Work *work, SoupMessage *message, const char *url, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *encoding = soup_message_headers_get_one (headers, "Content-Encoding");
  guint status = soup_message_get_status (message);
  gint64 total;

  if (status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE
      || (status == SOUP_STATUS_PARTIAL_CONTENT && !continues (work->part, headers)))
    {
      refuse (error, BS_ERROR_PROTOCOL, url, NULL, "the server has another file now");
      return bs_part_restart (work->part, NULL, -1, NULL) ? BROKEN : REFUSED;
    }
  if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    return refuse (error, BS_ERROR_PROTOCOL, url, NULL, "the server encodes what was to come as it is");
  if (status != SOUP_STATUS_OK && status != SOUP_STATUS_PARTIAL_CONTENT)
    return judge_status (work, message, url, error);
  total = announced_length (headers);
  if (status == SOUP_STATUS_OK && !bs_part_restart (work->part, find_validator (headers), total, error))
    return REFUSED;
  if (work->part->total > work->request->limit)
    return refuse (error, BS_ERROR_INVALID, url, NULL, "it is larger than what is allowed");
  return bs_part_check_room (work->part, total, error) ? WHOLE : REFUSED;
}

/* A server that trickles is as good as silent. */
typedef struct
{
  gint64 since_usec, told_usec;
  gint64 length; /* at @since_usec */
} Pace;

static gboolean
is_trickling (Pace *pace, const Work *work, gint64 now)
{
  gint64 passed = now - pace->since_usec;
  gboolean slow;

  if (passed < work->request->stall_usec)
    return FALSE;
  slow = (work->part->length - pace->length) * BS_USEC_PER_SEC < TRICKLE * passed;
  pace->since_usec = now;
  pace->length = work->part->length;
  return slow;
}

static void
tell (Pace *pace, const Work *work, gint64 now)
{
  if (now - pace->told_usec < REPORT_USEC)
    return;
  pace->told_usec = now;
  work->report (work->part->length, work->part->total, NULL);
}

static Outcome
read_body (Work *work, GInputStream *body, const char *url, GError **error)
{
  g_autofree char *buffer = g_malloc (CHUNK);
  Pace pace = { bs_time_now_usec (), 0, work->part->length };

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      gssize got = g_input_stream_read (body, buffer, CHUNK, NULL, &local);
      gint64 now = bs_time_now_usec ();

      if (got < 0)
        return judge_connection (local, url, error);
      if (got == 0)
        break;
      if (work->part->length + got > work->request->limit)
        return refuse (error, BS_ERROR_INVALID, url, NULL, "it is larger than what is allowed");
      if (!bs_part_append (work->part, buffer, (gsize) got, error))
        return REFUSED;
      tell (&pace, work, now);
      if (is_trickling (&pace, work, now))
        {
          refuse (error, BS_ERROR_TIMEOUT, url, NULL, "the server sends next to nothing");
          return BROKEN;
        }
    }
  if (work->part->total >= 0 && !bs_part_is_whole (work->part))
    {
      refuse (error, BS_ERROR_FAILED, url, NULL, "the connection broke off");
      return BROKEN;
    }
  return WHOLE;
}

static Outcome
attempt (Work *work, GError **error)
{
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GInputStream) body = NULL;
  g_autofree char *url = NULL;
  gboolean resume = work->part->length > 0 && work->part->validator != NULL;
  Outcome outcome;

  work->pause_usec = 0;
  if (bs_part_is_whole (work->part))
    return WHOLE;
  outcome = ask (work, resume, &message, &body, &url, error);
  if (outcome == WHOLE)
    outcome = accept_answer (work, message, url, error);
  return outcome == WHOLE ? read_body (work, body, url, error) : outcome;
}

/* Tells of the failed attempt and waits before the next one. */
static void
pause_before_next (const Work *work, guint failed, const GError *error)
{
  gint64 pause = work->request->backoff_usec << MIN (failed - 1, 10);
  g_autofree char *note = g_strdup_printf ("%s; trying again", error->message);

  work->report (work->part->length, work->part->total, note);
  g_usleep ((gulong) MAX (MIN (pause, PAUSE_USEC_MAX), work->pause_usec));
}

static gboolean
bring_all (Work *work, GError **error)
{
  gint64 best = work->part->length; /* bytes that came twice are no progress */
  guint failed = 0;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      Outcome outcome = attempt (work, &local);

      if (outcome == WHOLE)
        return TRUE;
      failed = work->part->length >= best + PROGRESS ? 1 : failed + 1;
      best = MAX (best, work->part->length);
      if (outcome == REFUSED || failed >= work->request->attempts)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      pause_before_next (work, failed, local);
    }
}

static gboolean
has_expected_digest (const Work *work, GError **error)
{
  g_autofree char *digest = NULL, *shown = NULL;

  if (work->request->expected == NULL)
    return TRUE;
  digest = bs_part_digest (work->part, work->request->type);
  if (strcmp (digest, work->request->expected) == 0)
    return TRUE;
  shown = bs_redirect_show (work->request->url);
  bs_set_error (error, BS_ERROR_INVALID, "the download is damaged, or was changed on the way: nothing of it is used",
                "'%s' has the wrong checksum: it is %s, the publisher says %s", shown, digest, work->request->expected);
  return FALSE;
}

/* The second time, when the first bytes were of an earlier run. */
static gboolean
bring_the_right_ones (Work *work, GError **error)
{
  gboolean resumed = work->part->length > 0;
  g_autoptr (GError) local = NULL;

  if (!bring_all (work, error))
    return FALSE;
  if (has_expected_digest (work, &local))
    return TRUE;
  if (resumed)
    {
      work->report (0, -1, "what was resumed has the wrong checksum; beginning anew");
      if (!bs_part_restart (work->part, NULL, -1, error) || !bring_all (work, error))
        return FALSE;
      g_clear_error (&local);
      if (has_expected_digest (work, &local))
        return TRUE;
    }
  bs_part_discard (work->part);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static SoupSession *
open_session (const BsTransfer *request)
{
  guint seconds = (guint) ((request->stall_usec + BS_USEC_PER_SEC - 1) / BS_USEC_PER_SEC);
  SoupSession *session
      = soup_session_new_with_options ("timeout", MAX (seconds, 1), "user-agent", "benchscale/" BS_VERSION, NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  return session;
}

BsPart *
bs_transfer_run (const BsTransfer *request, BsTransferReport report, GError **error)
{
  g_autoptr (BsPart) part = bs_part_open (request->name, request->url, request->type, error);
  g_autoptr (SoupSession) session = open_session (request);
  Work work = { request, report, session, part, 0 };

  if (part == NULL || !bring_the_right_ones (&work, error) || !bs_part_sync (part, error))
    return NULL;
  return g_steal_pointer (&part);
}
