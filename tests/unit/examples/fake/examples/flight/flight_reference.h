// SPDX-License-Identifier: BSD-2-Clause
/* The cross build makes this header in examples/flight/, the host build beside its tests. */
#pragma once

#include "tests/unit/examples/flight_reference.h"
