// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/identity.h"

#include "files/digest.h"

#include <string_view>

namespace simultiple::files
{

std::string fileIdentity( const gloox::JID& peer, const FileInfo& info, const std::string& local )
{
  const std::string& content = !info.sha256.empty() ? info.sha256 : !info.md5.empty() ? info.md5 : info.date;
  if( !info.range || content.empty() )
    return {};
  Digest digest( Digest::Algorithm::Sha256 );
  const auto add = [&digest]( const std::string& part )
  {
    digest.update( std::to_string( part.size() ) + ':' ); // so that no two lists read alike
    digest.update( part );
  };
  for( const auto& part : { peer.bare(), info.folder, info.name, std::to_string( info.size ), content } )
    add( part );
  if( !local.empty() )
    add( local );
  return digest.hex().substr( 0, 16 );
}

} // namespace simultiple::files
