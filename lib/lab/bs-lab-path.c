/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-path.h"
#include "bs-error.h"
#include "bs-lab-net-private.h"
#include "bs-measure.h"

#include <string.h>

#define PARETO_MEDIAN 0.28 /* of its jitter, below the mean: 2^(1/3) scales instead of 3/2, of 0.866 each */

void
bs_lab_end_clear (BsLabEnd *self)
{
  g_free (self->node);
  g_free (self->interface);
  g_free (self->address);
}

static const json_t *
find_interface (BsLab *lab, const json_t *end, size_t i)
{
  const json_t *node = bs_lab_find_node (lab, bs_json_string (end, "node", ""), NULL);

  if (bs_json_int (end, "interface", (gint64) i) != (gint64) i)
    return NULL;
  return json_array_get (json_object_get (node, "interfaces"), i);
}

static size_t
count_interfaces (BsLab *lab, const json_t *end)
{
  return json_array_size (
      json_object_get (bs_lab_find_node (lab, bs_json_string (end, "node", ""), NULL), "interfaces"));
}

static void
fill_end (BsLabEnd *self, const json_t *end, const json_t *interface)
{
  const char *address = bs_json_string (interface, "address", "");

  self->node = g_strdup (bs_json_string (end, "node", ""));
  self->interface = g_strdup (bs_json_string (interface, "name", ""));
  self->address = g_strndup (address, strcspn (address, "/"));
}

gboolean
bs_lab_path_find (BsLab *lab, const char *a, const char *b, BsLabEnd *from, BsLabEnd *to, GError **error)
{
  g_autoptr (json_t) left = bs_lab_net_end_of (lab, a, error), right = NULL;

  if (left == NULL || (right = bs_lab_net_end_of (lab, b, error)) == NULL)
    return FALSE;
  for (size_t i = 0; i < count_interfaces (lab, left); i++)
    for (size_t j = 0; j < count_interfaces (lab, right); j++)
      {
        const json_t *one = find_interface (lab, left, i), *other = find_interface (lab, right, j);

        if (one == NULL || other == NULL || one == other || bs_json_string (one, "address", NULL) == NULL
            || bs_json_string (other, "address", NULL) == NULL
            || strcmp (bs_json_string (one, "network", ""), bs_json_string (other, "network", "-")) != 0)
          continue;
        fill_end (from, left, one);
        fill_end (to, right, other);
        return TRUE;
      }
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' and '%s' share no network on which both have an address", a, b);
  return FALSE;
}

static double
number (const json_t *object, const char *key)
{
  return json_number_value (json_object_get (object, key));
}

static void
add_loss (BsLabPath *path, double chance)
{
  path->loss = 1 - (1 - path->loss) * (1 - chance);
}

static void
add_burst (BsLabPath *path, const json_t *burst)
{
  double enter = number (burst, "p") / 100, leave = number (burst, "r") / 100;
  double bad = enter + leave > 0 ? enter / (enter + leave) : 0;

  add_loss (path, bad * (1 - number (burst, "h") / 100) + (1 - bad) * (1 - number (burst, "k") / 100));
  path->burst_share = MIN (path->burst_share, bs_measure_burst_share (enter, leave));
}

static void
add_wire (BsLabPath *path, const json_t *wire)
{
  const json_t *conditions = json_object_get (wire, "effective"), *burst = json_object_get (conditions, "loss_burst");
  double rate = number (conditions, "bandwidth_kbps"), jitter = number (conditions, "jitter_ms");

  path->delay_ms += number (conditions, "latency_ms");
  if (strcmp (bs_json_string (conditions, "jitter_distribution", ""), "pareto") == 0)
    path->spread_ms += PARETO_MEDIAN * jitter;
  if (jitter > number (conditions, "latency_ms"))
    path->spread_ms += jitter; /* what would be below 0 is 0 */
  add_loss (path, number (conditions, "packet_loss_percent") / 100);
  add_loss (path, number (conditions, "corrupt_percent") / 100);
  if (burst != NULL)
    add_burst (path, burst);
  if (bs_json_bool (conditions, "down", FALSE))
    path->loss = 1;
  if (rate > 0 && (path->rate_kbps == 0 || rate < path->rate_kbps))
    path->rate_kbps = rate;
  path->is_unknown |= json_object_get (conditions, "trace") != NULL || json_object_get (wire, "left_ms") != NULL;
}

static const json_t *
find_pair (const json_t *show, const BsLabEnd *from, const BsLabEnd *to)
{
  g_autofree char *a = g_strdup_printf ("%s/%s", from->node, from->interface),
                  *b = g_strdup_printf ("%s/%s", to->node, to->interface);
  const json_t *pairs = json_object_get (show, "pairs");

  for (size_t i = 0; i < json_array_size (pairs); i++)
    {
      const json_t *pair = json_array_get (pairs, i);

      if (strcmp (bs_json_string (pair, "from", ""), a) == 0 && strcmp (bs_json_string (pair, "to", ""), b) == 0)
        return pair;
    }
  return NULL;
}

static const json_t *
find_side (const json_t *show, const BsLabEnd *end, const char *side)
{
  const json_t *interfaces = json_object_get (show, "interfaces");

  for (size_t i = 0; i < json_array_size (interfaces); i++)
    {
      const json_t *interface = json_array_get (interfaces, i);

      if (strcmp (bs_json_string (interface, "node", ""), end->node) == 0
          && strcmp (bs_json_string (interface, "interface", ""), end->interface) == 0)
        return json_object_get (interface, side);
    }
  return NULL;
}

void
bs_lab_path_read (const json_t *show, const BsLabEnd *from, const BsLabEnd *to, BsLabPath *path)
{
  const json_t *pair = find_pair (show, from, to);

  *path = (BsLabPath){ .burst_share = 1 };
  add_wire (path, pair != NULL ? pair : find_side (show, from, "sends"));
  add_wire (path, find_side (show, to, "receives"));
}
