/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-verify.h"
#include "bs-error.h"
#include "bs-lab-clock.h"
#include "bs-lab-net.h"
#include "bs-lab-path.h"
#include "bs-measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PORT 28199 /* lower than those that nodes choose themselves, so it names the flow */
#define PROBE_BYTES 64
#define FLOOD_BYTES 1400
#define HEADERS 42 /* Ethernet, IPv4, UDP */
#define FLOOD_MSEC 2000
#define FLOOD_SHARE 1.5 /* of the declared rate */
#define TENTHS 10
#define SKIP_TENTHS 3 /* while the queue fills */
#define RATE_ALLOWANCE 0.01
#define COUNT_MAX 10000
#define NSEC_PER_MSEC 1e6

typedef struct
{
  double sent, there, back, came; /* A's clock, B's, B's, A's; 0: never */
} Probe;

typedef struct
{
  BsLab *lab;
  GCancellable *cancellable;
  BsLabVerifySpec spec;
  BsLabEnd ends[2];
  BsLabPath paths[2]; /* there and back */
  Probe *probes;
  gboolean agrees;
} Verify;

static gboolean
is_declared (const BsInterval *interval, double declared)
{
  return interval->low <= declared && declared <= interval->high;
}

/* A line of three numbers. */
static gboolean
parse_line (const char *line, guint64 *sequence, double *first, double *second)
{
  unsigned long long n;
  long long a, b;

  if (sscanf (line, "%llu %lld %lld", &n, &a, &b) != 3)
    return FALSE;
  *sequence = n;
  *first = (double) a;
  *second = (double) b;
  return TRUE;
}

static void
read_times (Verify *self, const char *text, gboolean far)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      guint64 sequence;
      double first, second;

      if (!parse_line (*line, &sequence, &first, &second) || sequence >= self->spec.count)
        continue;
      if (far)
        {
          self->probes[sequence].there = first;
          self->probes[sequence].back = second;
        }
      else
        {
          self->probes[sequence].sent = first;
          self->probes[sequence].came = second;
        }
    }
}

static BsLabProbe *
start_echo (Verify *self, guint at, GError **error)
{
  g_autofree char *arguments = g_strdup_printf ("echo %d", PORT);
  BsLabProbe *echo = bs_lab_probe_start (self->lab, self->ends[at].node, arguments, error);

  if (echo == NULL || bs_lab_probe_wait_line (echo, 1, error))
    return echo;
  g_free (bs_lab_probe_finish (echo, NULL));
  return NULL;
}

static gboolean
exchange (Verify *self, GError **error)
{
  BsLabProbe *echo = start_echo (self, 1, error);
  g_autofree char *arguments = NULL, *near = NULL, *far = NULL;

  if (echo == NULL)
    return FALSE;
  arguments = g_strdup_printf ("send %s %d %u %" G_GINT64_FORMAT " %d", self->ends[1].address, PORT, self->spec.count,
                               self->spec.interval_usec, PROBE_BYTES);
  near = bs_lab_probe_run (self->lab, self->ends[0].node, arguments, self->cancellable, error);
  far = bs_lab_probe_finish (echo, near != NULL ? error : NULL);
  if (near == NULL || far == NULL)
    return FALSE;
  read_times (self, near, FALSE);
  read_times (self, far, TRUE);
  return TRUE;
}

static json_t *
describe_delay (Verify *self, GArray *msec, double declared, double slack, double error_ms)
{
  BsInterval median = bs_measure_median ((double *) (void *) msec->data, msec->len);
  BsInterval bound = { median.value, median.low - error_ms - slack, median.high + error_ms + slack };
  gboolean agrees;

  bound.low -= (double) self->spec.allowance_usec / 1000;
  agrees = is_declared (&bound, declared);
  self->agrees &= agrees;
  return json_pack ("{s:f, s:f, s:f, s:f, s:b}", "declared_ms", declared, "median_ms", median.value, "low",
                    median.low - error_ms, "high", median.high + error_ms, "agrees", agrees);
}

/* How long a probe is on a wire of a limited rate. */
static double
carry_ms (const BsLabPath *path)
{
  return path->rate_kbps > 0 ? (PROBE_BYTES + HEADERS) * 8 / path->rate_kbps : 0;
}

static double
declared_ms (const BsLabPath *path)
{
  return path->delay_ms + carry_ms (path);
}

static json_t *
judge_round_trip (Verify *self)
{
  g_autoptr (GArray) msec = g_array_new (FALSE, FALSE, sizeof (double));
  gint64 allowance = self->spec.allowance_usec;
  json_t *result;

  for (guint i = 0; i < self->spec.count; i++)
    if (self->probes[i].came != 0)
      {
        const Probe *probe = &self->probes[i];
        double took = (probe->came - probe->sent - (probe->back - probe->there)) / NSEC_PER_MSEC;

        g_array_append_val (msec, took);
      }
  if (msec->len == 0)
    return NULL;
  self->spec.allowance_usec *= 2; /* two nodes, twice */
  result = describe_delay (self, msec, declared_ms (&self->paths[0]) + declared_ms (&self->paths[1]),
                           self->paths[0].spread_ms + self->paths[1].spread_ms, 0);
  self->spec.allowance_usec = allowance;
  return result;
}

/* @offset: B's clock minus A's */
static json_t *
judge_delay (Verify *self, guint direction, double offset, double error_ms)
{
  g_autoptr (GArray) msec = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < self->spec.count; i++)
    {
      const Probe *probe = &self->probes[i];
      double took = direction == 0 ? probe->there - offset - probe->sent : probe->came - (probe->back - offset);

      if (direction == 0 ? probe->there == 0 : probe->came == 0)
        continue;
      took /= NSEC_PER_MSEC;
      g_array_append_val (msec, took);
    }
  if (msec->len == 0)
    return NULL;
  return describe_delay (self, msec, declared_ms (&self->paths[direction]), self->paths[direction].spread_ms, error_ms);
}

static json_t *
judge_loss (Verify *self, guint direction)
{
  const BsLabPath *path = &self->paths[direction];
  guint sent = 0, received = 0;
  BsInterval loss;
  gboolean agrees;

  for (guint i = 0; i < self->spec.count; i++)
    {
      gboolean began = direction == 0 || self->probes[i].there != 0;

      sent += began;
      received += began && (direction == 0 ? self->probes[i].there != 0 : self->probes[i].came != 0);
    }
  loss = bs_measure_chance ((sent - received) * path->burst_share, sent * path->burst_share);
  agrees = is_declared (&loss, path->loss);
  self->agrees &= agrees;
  return json_pack ("{s:f, s:f, s:f, s:f, s:b, s:i, s:i}", "declared_percent", round (path->loss * 1e11) / 1e9,
                    "percent", loss.value * 100, "low", loss.low * 100, "high", loss.high * 100, "agrees", agrees,
                    "sent", (int) sent, "received", (int) received);
}

static guint
read_rates (const char *text, double rates[TENTHS])
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint seen = 0, n = 0;

  for (char **line = lines; *line != NULL; line++)
    {
      unsigned long long bytes;
      long long first, last;

      if (sscanf (*line, "flood %llu %lld %lld", &bytes, &first, &last) != 3 || last <= first || ++seen <= SKIP_TENTHS
          || n == TENTHS)
        continue;
      rates[n++] = (double) bytes * 8 / ((double) (last - first) / NSEC_PER_MSEC);
    }
  return n;
}

/* A node that cannot send as much as is declared says nothing of the wire, but that it carries what was sent. */
static json_t *
judge_rate (Verify *self, double declared, const char *sent_text, const char *came_text)
{
  double rates[TENTHS], offered;
  unsigned long long bytes = 0;
  long long nsec = 0;
  guint n = read_rates (came_text, rates);
  BsInterval rate;
  json_t *result;

  if (n < 2 || sscanf (sent_text, "sent %llu %lld", &bytes, &nsec) != 2 || nsec <= 0)
    return json_pack ("{s:f}", "declared_kbps", declared);
  rate = bs_measure_mean (rates, n);
  offered = (double) bytes * 8 / ((double) nsec / NSEC_PER_MSEC);
  result = json_pack ("{s:f, s:f, s:f, s:f, s:f}", "declared_kbps", declared, "kbps", rate.value, "low", rate.low,
                      "high", rate.high, "offered_kbps", offered);
  if (offered > declared * (1 + 2 * RATE_ALLOWANCE))
    {
      gboolean agrees = rate.low * (1 - RATE_ALLOWANCE) <= declared && declared <= rate.high * (1 + RATE_ALLOWANCE);

      json_object_set_new (result, "agrees", json_boolean (agrees));
      self->agrees &= agrees;
    }
  return result;
}

static json_t *
measure_rate (Verify *self, guint direction, GError **error)
{
  const BsLabPath *path = &self->paths[direction];
  const BsLabEnd *from = &self->ends[direction], *to = &self->ends[1 - direction];
  BsLabProbe *echo = start_echo (self, 1 - direction, error);
  g_autofree char *arguments = NULL, *sent = NULL, *came = NULL;

  if (echo == NULL)
    return NULL;
  arguments
      = g_strdup_printf ("flood %s %d %.0f %d %d", to->address, PORT,
                         path->rate_kbps * 1000 * FLOOD_SHARE / fmax (1 - path->loss, 0.1), FLOOD_MSEC, FLOOD_BYTES);
  sent = bs_lab_probe_run (self->lab, from->node, arguments, self->cancellable, error);
  came = bs_lab_probe_finish (echo, sent != NULL ? error : NULL);
  return sent != NULL && came != NULL ? judge_rate (self, path->rate_kbps, sent, came) : NULL;
}

static json_t *
judge_direction (Verify *self, guint direction, gboolean is_tight, double offset, double error_ms)
{
  json_t *result = json_pack ("{s:s, s:s, s:o}", "from", self->ends[direction].node, "to",
                              self->ends[1 - direction].node, "loss", judge_loss (self, direction));
  json_t *delay = is_tight ? judge_delay (self, direction, offset, error_ms) : NULL;

  if (delay != NULL)
    json_object_set_new (result, "delay", delay);
  return result;
}

/* Returns: FALSE with an error */
static gboolean
add_rates (Verify *self, json_t *directions, GError **error)
{
  for (guint i = 0; i < 2; i++)
    if (self->paths[i].rate_kbps > 0 && self->paths[i].loss < 1)
      {
        json_t *rate = measure_rate (self, i, error);

        if (rate == NULL)
          return FALSE;
        json_object_set_new (json_array_get (directions, i), "rate", rate);
      }
  return TRUE;
}

static json_t *
judge (Verify *self, const BsClockBound clocks[2], GError **error)
{
  /* B's minus A's */
  double low = clocks[1].low - clocks[0].high, high = clocks[1].high - clocks[0].low;
  double error_ms = (high - low) / 2 / NSEC_PER_MSEC, allowed = (double) self->spec.allowance_usec / 1000;
  gboolean is_tight = error_ms >= 0 && error_ms <= fmax (allowed, self->paths[0].delay_ms / 10);
  g_autoptr (json_t) directions = json_array ();
  json_t *result, *round_trip = judge_round_trip (self);

  for (guint i = 0; i < 2; i++)
    json_array_append_new (directions, judge_direction (self, i, is_tight, (low + high) / 2, error_ms));
  if (!add_rates (self, directions, error))
    {
      json_decref (round_trip);
      return NULL;
    }
  result = json_pack ("{s:s, s:b, s:O, s:f}", "lab", bs_lab_name (self->lab), "agrees", self->agrees, "directions",
                      directions, "clock_error_ms", fmax (error_ms, 0));
  if (round_trip != NULL)
    json_object_set_new (result, "round_trip", round_trip);
  return result;
}

static json_t *
measure (Verify *self, GError **error)
{
  BsClockBound clocks[2] = { { -INFINITY, INFINITY }, { -INFINITY, INFINITY } };

  for (guint i = 0; i < 2; i++)
    if (!bs_lab_clock_ask (self->lab, self->ends[i].node, &clocks[i], error))
      return NULL;
  return exchange (self, error) ? judge (self, clocks, error) : NULL;
}

/* Slow wires carry nothing but probes otherwise, which would measure their queue. */
static void
choose (Verify *self, const BsLabVerifySpec *spec)
{
  self->spec = *spec;
  self->spec.count = spec->count > 0 ? MIN (spec->count, COUNT_MAX) : 200;
  self->spec.allowance_usec = spec->allowance_usec >= 0 ? spec->allowance_usec : 1000;
  if (self->spec.interval_usec <= 0)
    self->spec.interval_usec = 10000;
  for (guint i = 0; i < 2; i++)
    self->spec.interval_usec = MAX (self->spec.interval_usec, (gint64) (4000 * carry_ms (&self->paths[i])));
}

static gboolean
prepare (Verify *self, const char *a, const char *b, const BsLabVerifySpec *spec, GError **error)
{
  g_autoptr (json_t) show = NULL;

  if (!bs_lab_path_find (self->lab, a, b, &self->ends[0], &self->ends[1], error)
      || (show = bs_lab_net_show (self->lab, self->cancellable, error)) == NULL)
    return FALSE;
  bs_lab_path_read (show, &self->ends[0], &self->ends[1], &self->paths[0]);
  bs_lab_path_read (show, &self->ends[1], &self->ends[0], &self->paths[1]);
  if (self->paths[0].is_unknown || self->paths[1].is_unknown)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL,
                    "what is declared between '%s' and '%s' changes with time: there is no one figure to compare", a,
                    b);
      return FALSE;
    }
  choose (self, spec);
  self->probes = g_new0 (Probe, self->spec.count);
  return TRUE;
}

json_t *
bs_lab_verify (BsLab *lab, const char *a, const char *b, const BsLabVerifySpec *spec, GCancellable *cancellable,
               GError **error)
{
  Verify self = { .lab = lab, .cancellable = cancellable, .agrees = TRUE };
  json_t *result = NULL;

  if (prepare (&self, a, b, spec, error))
    {
      if (bs_lab_probe_install (lab, self.ends[0].node, cancellable, error)
          && bs_lab_probe_install (lab, self.ends[1].node, cancellable, error))
        result = measure (&self, error);
      bs_lab_probe_remove (lab, self.ends[0].node);
      bs_lab_probe_remove (lab, self.ends[1].node);
    }
  for (guint i = 0; i < 2; i++)
    bs_lab_end_clear (&self.ends[i]);
  g_free (self.probes);
  return result;
}
