/* SPDX-License-Identifier: Apache-2.0 */
/* wires-conditions.h — declared against measured, between the namespaces and between sockets */
#pragma once

/* All print their figures; the way of the switch is as before when they return. */
void bench_declared_delay (void);
void bench_declared_rates (void);
void bench_declared_loss (void);
