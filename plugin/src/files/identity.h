// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/fileinfo.h>

#include <gloox/jid.h>

#include <string>

namespace simultiple::files
{

/**
 * PFT-16: what makes an offer one of the same file from the same person: bare JID, name, folder, size, and the digest, or the date if there is none.
 * @param local To which of a component's JIDs. Empty on a client: its resource may be another one after the next login.
 * @return 16 hexadecimal digits; empty if the offer has neither digest nor date, or no range: then it is never the same.
 */
[[nodiscard]] std::string fileIdentity( const gloox::JID& peer, const FileInfo& info, const std::string& local = std::string() );

} // namespace simultiple::files
