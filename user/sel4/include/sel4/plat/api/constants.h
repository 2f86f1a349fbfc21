// SPDX-License-Identifier: BSD-2-Clause
/* No constants belong to a platform. */
#pragma once

#include <sel4/config.h>
