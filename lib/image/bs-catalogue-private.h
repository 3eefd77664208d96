/* SPDX-License-Identifier: Apache-2.0 */
/* bs-catalogue-private.h — what the catalogue's files share */
#pragma once

#include "bs-catalogue.h"

BsCatalogue *bs_catalogue_new (void);
BsCatalogueEntry *bs_catalogue_entry_new (void);
