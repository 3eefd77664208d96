/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-capture-subject.h — which taps a capture needs */
#pragma once

#include "bs-lab-capture.h"

/* (transfer full): an array of the members of "add-tap" that say what it is about, one object a tap; NULL with an error
 */
json_t *bs_lab_capture_subjects (BsLab *lab, const BsLabCaptureSpec *spec, GError **error);
