// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/offer.h>

#include "protocol/xml.h"

namespace simultiple
{

const gloox::Tag* Offer::profileChild() const
{
  if( !si || profile.empty() )
    return nullptr;
  const auto found = protocol::children( *si, profile );
  return found.empty() ? nullptr : found.front();
}

} // namespace simultiple
