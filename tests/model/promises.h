// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "model/world.h"

namespace simultiple::model
{

/// What the rulebook promises of every world there can be; throws Broken.
void checkPromises( const World& world, const Setup& setup );

/// What it promises of a world in which nothing happens any more unless an application, or misfortune, wants it; throws Broken.
void checkAtRest( const World& world, const Setup& setup );

/** @return At rest, one side has an open stream and the other is gone without a way to tell it. */
[[nodiscard]] bool leftAlone( const World& world );

} // namespace simultiple::model
