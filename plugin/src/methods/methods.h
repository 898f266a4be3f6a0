// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "methods/method.h"

#include <memory>

namespace simultiple::methods
{

// One line for each method; methods.cpp lists them.
[[nodiscard]] std::unique_ptr<Method> makeSocks5Method();
[[nodiscard]] std::unique_ptr<Method> makeInBandMethod();

} // namespace simultiple::methods
