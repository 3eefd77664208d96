/* SPDX-License-Identifier: Apache-2.0 */
/* test-conditions.c — levels of conditions: merged key by key, copied, compared, written; presets */
#include "bs-conditions.h"
#include "bs-preset.h"
#include "topology-test.h"

#define SET(key) (1u << BS_CONDITION_##key)

/* The conditions of a network that is written so; (transfer full) */
static BsConditions *
conditions_of (const char *text)
{
  g_autofree char *yaml = g_strdup_printf ("network: {conditions: %s}\n" ONE_NODE, text);
  g_autoptr (BsTopology) topology = parse_good (yaml);
  const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, 0);

  return bs_conditions_copy (network->conditions);
}

/* Merges the levels, the lowest first; (transfer full) */
static BsConditions *
merged (const char *const *levels)
{
  BsConditions *self = bs_conditions_new ((BsPosition){ 0, 0 });

  for (; *levels != NULL; levels++)
    {
      g_autoptr (BsConditions) over = conditions_of (*levels);

      bs_conditions_merge (self, over);
    }
  return self;
}

static void
check_merge (const char *expected, const char *const *levels)
{
  g_autoptr (BsConditions) result = merged (levels);
  g_autofree char *text = bs_conditions_format (result);

  g_assert_cmpstr (text, ==, expected);
}

#define MERGE(expected, ...) check_merge (expected, (const char *const[]){ __VA_ARGS__, NULL })

static void
test_keys_of_a_higher_level_win (void)
{
  MERGE ("{latency_ms: 9, jitter_ms: 2, packet_loss_percent: 3}", "{latency_ms: 1, jitter_ms: 2}",
         "{latency_ms: 9, packet_loss_percent: 3}");
}

static void
test_zero_switches_off (void)
{
  MERGE ("{latency_ms: 0, duplicate_percent: 0, bandwidth_kbps: 0}",
         "{latency_ms: 5, duplicate_percent: 1, bandwidth_kbps: 64}",
         "{latency_ms: 0, duplicate_percent: 0, bandwidth_kbps: 0}");
  MERGE ("{trace: none, schedule: []}", "{trace: a, schedule: [{at: 1s, down: true}]}", "{trace: none, schedule: []}");
  MERGE ("{queue: {limit: 0}}", "{queue: {limit: 64KiB}}", "{queue: {limit: 0}}");
}

static void
test_absent_keys_stay (void)
{
  MERGE ("{queue: {limit: 64KiB, discipline: codel}}", "{queue: {limit: 64KiB}}", "{queue: {discipline: codel}}");
  MERGE ("{latency_ms: 1}", "{latency_ms: 1}", "{}");
}

static void
test_a_preset_comes_before_its_own_keys (void)
{
  MERGE ("{latency_ms: 7, jitter_ms: 10, packet_loss_percent: 0.5, bandwidth_kbps: 100000}",
         "{latency_ms: 7, preset: friend_wan}");
}

static void
test_a_preset_says_all_its_keys (void)
{
  MERGE ("{latency_ms: 0, jitter_ms: 0, packet_loss_percent: 0, corrupt_percent: 1, bandwidth_kbps: 0}",
         "{latency_ms: 5, bandwidth_kbps: 64, corrupt_percent: 1}", "{preset: localhost}");
}

static void
test_bursts_and_random_loss_replace_each_other (void)
{
  MERGE ("{loss_burst: {p: 1, r: 20, h: 0, k: 100}}", "{packet_loss_percent: 3}", "{loss_burst: {p: 1, r: 20}}");
  MERGE ("{packet_loss_percent: 3}", "{loss_burst: {p: 1, r: 20}}", "{packet_loss_percent: 3}");
  MERGE ("{packet_loss_percent: 0}", "{loss_burst: {p: 1, r: 20}}", "{packet_loss_percent: 0}");
  MERGE ("{latency_ms: 50, jitter_ms: 10, loss_burst: {p: 1, r: 20, h: 5, k: 99.5}, bandwidth_kbps: 100000}",
         "{preset: friend_wan, loss_burst: {p: 1, r: 20, h: 5, k: 99.5}}");
}

static void
test_a_limit_in_time_replaces_one_in_bytes (void)
{
  MERGE ("{queue: {limit: 100ms}}", "{queue: {limit: 1500}}", "{queue: {limit: 100ms}}");
  MERGE ("{queue: {limit: 1500}}", "{queue: {limit: 100ms}}", "{queue: {limit: 1500}}");
}

static void
test_positions_come_with_the_keys (void)
{
  g_autoptr (BsConditions) self
      = merged ((const char *const[]){ "{latency_ms: 1}", "{preset: campus, jitter_ms: 2}", NULL });

  g_assert_cmpuint (self->key_at[BS_CONDITION_JITTER].line, ==, 1);
  g_assert_cmpuint (self->key_at[BS_CONDITION_JITTER].column, ==, 51);
  g_assert_cmpuint (self->key_at[BS_CONDITION_LATENCY].column, ==, 32); /* of the preset's name */
  g_assert_null (self->preset);
}

static void
test_nothing_over_nothing (void)
{
  g_autoptr (BsConditions) self = bs_conditions_new ((BsPosition){ 3, 4 });

  bs_conditions_merge (self, NULL);
  g_assert_cmpuint (self->set, ==, 0);
  g_assert_null (self->key_at);
  g_assert_null (bs_conditions_copy (NULL));
  g_assert_true (bs_conditions_equal (NULL, NULL));
  g_assert_false (bs_conditions_equal (self, NULL));
  bs_conditions_free (NULL);
  bs_conditions_change_free (NULL);
}

/* Each is written as it is read, except for other forms of the same number. */
static const struct
{
  const char *text, *written; /* (nullable) the same */
} forms[] = {
  { "{}", NULL },
  { "{preset: home_lan}", NULL },
  { "{latency_ms: 0.1, jitter_ms: 1e-3}", "{latency_ms: 0.1, jitter_ms: 0.001}" },
  { "{latency_ms: 0.1234567890123456789}", "{latency_ms: 0.12345678901234568}" },
  { "{jitter_distribution: pareto, packet_loss_percent: 100}", NULL },
  { "{loss_burst: {p: 30}}", "{loss_burst: {p: 30, r: 70, h: 0, k: 100}}" },
  { "{duplicate_percent: 1, reorder_percent: 2, corrupt_percent: 3, bandwidth_kbps: 1000000000}", NULL },
  { "{bandwidth_kbps: -0}", "{bandwidth_kbps: 0}" },
  { "{queue: {limit: 65536}}", "{queue: {limit: 64KiB}}" },
  { "{queue: {limit: 1GiB, discipline: codel}}", NULL },
  { "{queue: {limit: 1500B, discipline: droptail}}", "{queue: {limit: 1500, discipline: droptail}}" },
  { "{queue: {limit: 250us}}", NULL },
  { "{queue: {limit: 0s}}", "{queue: {limit: 0}}" },
  { "{trace: \"a \\\"b\\\" \\\\.trace\"}", NULL },
  { "{trace: none}", NULL },
  { "{schedule: [{at: 10s, for: 5s, down: true}, {at: 0, for: 1ms, conditions: {preset: satellite, latency_ms: 3}}]}",
    "{schedule: [{at: 0s, for: 1ms, conditions: {preset: satellite, latency_ms: 3}}, {at: 10s, for: 5s, down: "
    "true}]}" },
};

static void
test_written_and_read_again (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (BsConditions) self = conditions_of (forms[i].text), again = NULL;
      g_autofree char *text = bs_conditions_format (self);

      g_test_message ("%s", forms[i].text);
      g_assert_cmpstr (text, ==, forms[i].written != NULL ? forms[i].written : forms[i].text);
      again = conditions_of (text);
      g_assert_true (bs_conditions_equal (self, again));
    }
}

static void
test_a_copy_is_equal_until_it_changes (void)
{
  static const char *const others[] = {
    "{latency_ms: 1}",
    "{jitter_ms: 1}",
    "{jitter_distribution: normal}",
    "{loss_burst: {p: 1}}",
    "{packet_loss_percent: 1}",
    "{queue: {limit: 1500}}",
    "{queue: {limit: 1ms}}",
    "{trace: a}",
    "{queue: {discipline: codel}}",
    "{preset: home_lan}",
    "{latency_ms: 2}",
    "{schedule: [{at: 1s, down: true}]}",
    "{schedule: []}",
    "{duplicate_percent: 1}",
    "{schedule: [{at: 2s, down: true}]}",
    "{reorder_percent: 1}",
    "{corrupt_percent: 1}",
    "{schedule: [{at: 1s, conditions: {latency_ms: 1}}]}",
    "{bandwidth_kbps: 1}",
    "{loss_burst: {p: 2}}",
    "{schedule: [{at: 1s, conditions: {latency_ms: 2}}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    for (guint j = 0; j < G_N_ELEMENTS (others); j++)
      {
        g_autoptr (BsConditions) a = conditions_of (others[i]), b = conditions_of (others[j]);
        g_autoptr (BsConditions) copy = bs_conditions_copy (a);

        g_assert_true (bs_conditions_equal (a, copy));
        g_test_message ("%s, %s", others[i], others[j]);
        g_assert_cmpint (bs_conditions_equal (a, b), ==, i == j);
      }
}

static void
test_what_a_level_sets (void)
{
  g_autoptr (BsConditions) self = conditions_of ("{preset: campus, latency_ms: 0, queue: {discipline: codel}}");

  g_assert_cmpuint (self->set, ==, SET (LATENCY) | SET (QUEUE_DISCIPLINE));
  g_assert_cmpstr (self->preset, ==, "campus");
  g_assert_cmpuint (self->preset_at.column, ==, 32);
  g_assert_cmpuint (self->key_at[BS_CONDITION_LATENCY].column, ==, 52);
  g_assert_cmpuint (self->key_at[BS_CONDITION_QUEUE_DISCIPLINE].column, ==, 75);
  g_assert_cmpuint (self->key_at[BS_CONDITION_QUEUE_LIMIT].line, ==, 0);
}

static void
test_every_key_has_a_name (void)
{
  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    g_assert_nonnull (bs_conditions_key_name (key));
}

static void
test_presets_are_found (void)
{
  static const char *const names[]
      = { "localhost",   "basement_lan", "home_lan",  "campus",     "friend_wan",      "broadband",
          "mobile_cell", "cellular",     "satellite", "deep_space", "urban_congested", "intermittent" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const BsConditions *conditions = bs_preset_find (names[i]);

      g_assert_nonnull (conditions);
      g_assert_cmpuint (conditions->set, ==, SET (LATENCY) | SET (JITTER) | SET (LOSS) | SET (BANDWIDTH));
      g_assert_cmpstr (bs_preset_name (names[i]), ==, names[i]);
    }
  g_assert_null (bs_preset_find ("home-lan"));
  g_assert_null (bs_preset_name ("home-lan"));
  g_assert_cmpstr (bs_preset_nearest ("home-lan"), ==, "home_lan");
  g_assert_null (bs_preset_nearest ("wormhole"));
}

/* Files that were written for the values of old keep them. */
static void
test_presets_keep_their_values (void)
{
  static const BsPreset kept[] = {
    { "localhost", "", 0, 0, 0, 0 },           { "basement_lan", "", 0.5, 0.1, 0, 10000000 },
    { "home_lan", "", 2, 1, 0.01, 1000000 },   { "friend_wan", "", 50, 10, 0.5, 100000 },
    { "mobile_cell", "", 100, 30, 2, 10000 },  { "satellite", "", 600, 50, 5, 5000 },
    { "deep_space", "", 2000, 200, 10, 1000 }, { "urban_congested", "", 150, 80, 15, 2000 },
    { "intermittent", "", 500, 300, 50, 500 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      const BsConditions *conditions = bs_preset_find (kept[i].name);

      g_assert_cmpfloat (conditions->latency_ms, ==, kept[i].latency_ms);
      g_assert_cmpfloat (conditions->jitter_ms, ==, kept[i].jitter_ms);
      g_assert_cmpfloat (conditions->loss_percent, ==, kept[i].loss_percent);
      g_assert_cmpfloat (conditions->bandwidth_kbps, ==, kept[i].bandwidth_kbps);
    }
}

static char *
preset_row (const BsPreset *preset)
{
  const BsConditions *conditions = bs_preset_find (preset->name);
  g_autofree char *latency = bs_conditions_format_key (conditions, BS_CONDITION_LATENCY);
  g_autofree char *jitter = bs_conditions_format_key (conditions, BS_CONDITION_JITTER);
  g_autofree char *loss = bs_conditions_format_key (conditions, BS_CONDITION_LOSS);
  g_autofree char *bandwidth = bs_conditions_format_key (conditions, BS_CONDITION_BANDWIDTH);

  return g_strdup_printf ("| %s | %s | %s | %s | %s | %s |\n", preset->name, latency, jitter, loss, bandwidth,
                          preset->doc);
}

static void
test_the_manual_has_the_table_of_presets (void)
{
  g_autoptr (GString) table
      = g_string_new ("| preset | latency_ms | jitter_ms | packet_loss_percent | bandwidth_kbps | "
                      "what it stands for |\n|---|---|---|---|---|---|\n");
  g_autofree char *manual = NULL;

  for (const BsPreset *preset = bs_presets; preset->name != NULL; preset++)
    {
      g_autofree char *row = preset_row (preset);

      g_string_append (table, row);
    }
  g_string_append_c (table, '\n');
  g_assert_true (g_file_get_contents (SOURCE_ROOT "/docs/topology.md", &manual, NULL, NULL));
  if (strstr (manual, table->str) == NULL)
    g_test_fail_printf ("docs/topology.md has not:\n%s", table->str);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conditions/keys-of-a-higher-level-win", test_keys_of_a_higher_level_win);
  g_test_add_func ("/conditions/zero-switches-off", test_zero_switches_off);
  g_test_add_func ("/conditions/absent-keys-stay", test_absent_keys_stay);
  g_test_add_func ("/conditions/a-preset-comes-before-its-own-keys", test_a_preset_comes_before_its_own_keys);
  g_test_add_func ("/conditions/a-preset-says-all-its-keys", test_a_preset_says_all_its_keys);
  g_test_add_func ("/conditions/bursts-and-random-loss", test_bursts_and_random_loss_replace_each_other);
  g_test_add_func ("/conditions/limit-in-time-or-bytes", test_a_limit_in_time_replaces_one_in_bytes);
  g_test_add_func ("/conditions/positions-come-with-the-keys", test_positions_come_with_the_keys);
  g_test_add_func ("/conditions/nothing-over-nothing", test_nothing_over_nothing);
  g_test_add_func ("/conditions/written-and-read-again", test_written_and_read_again);
  g_test_add_func ("/conditions/a-copy-is-equal-until-it-changes", test_a_copy_is_equal_until_it_changes);
  g_test_add_func ("/conditions/what-a-level-sets", test_what_a_level_sets);
  g_test_add_func ("/conditions/every-key-has-a-name", test_every_key_has_a_name);
  g_test_add_func ("/preset/are-found", test_presets_are_found);
  g_test_add_func ("/preset/keep-their-values", test_presets_keep_their_values);
  g_test_add_func ("/preset/the-manual-has-the-table", test_the_manual_has_the_table_of_presets);
  return g_test_run ();
}
