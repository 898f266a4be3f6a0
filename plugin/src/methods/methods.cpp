// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "methods/methods.h"

namespace simultiple::methods
{

std::vector<std::unique_ptr<Method>> allMethods()
{
  std::vector<std::unique_ptr<Method>> all;
  all.push_back( makeSocks5Method() );
  all.push_back( makeInBandMethod() );
  return all;
}

} // namespace simultiple::methods
