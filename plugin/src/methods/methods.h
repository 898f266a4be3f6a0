// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "methods/method.h"

#include <memory>

namespace simultiple
{
class BytestreamMethod;
}

namespace simultiple::methods
{

// One line for each method; methods.cpp lists them.
[[nodiscard]] std::unique_ptr<Method> makeSocks5Method();
[[nodiscard]] std::unique_ptr<Method> makeInBandMethod();

/** A method of the application's (PCU-5), which outlives what is made of it. */
[[nodiscard]] std::unique_ptr<Method> makeCustomMethod( BytestreamMethod& method );

} // namespace simultiple::methods
