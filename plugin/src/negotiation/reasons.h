// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace simultiple::negotiation
{

/** NEG-6: appends "method: reason" to what is said when the list is used up. A list has 16 entries at most (SIM-26). */
inline void addReason( std::string& reasons, const std::string& method, const std::string& reason )
{
  if( !reasons.empty() )
    reasons += "; ";
  reasons += method + ": " + reason;
}

/** @return @a text, with the reasons in brackets if there are any. */
[[nodiscard]] inline std::string withReasons( const std::string& text, const std::string& reasons )
{
  return reasons.empty() ? text : text + " (" + reasons + ")";
}

} // namespace simultiple::negotiation
