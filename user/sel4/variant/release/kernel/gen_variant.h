// SPDX-License-Identifier: BSD-2-Clause
/* Options of the release variant. */
#pragma once

/* None: no debug output, no benchmark calls. */
