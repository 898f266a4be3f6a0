// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/inbandfactory.h"

#include <gloox/clientbase.h>
#include <gloox/inbandbytestream.h>
#include <gloox/tag.h>

namespace simultiple::airlock
{

namespace
{

/// The `<feature/>` of an answer that chooses in-band.
gloox::Tag* inBandChosen()
{
  auto* feature = new gloox::Tag( "feature", gloox::XMLNS, gloox::XMLNS_FEATURE_NEG ); // gloox's SI owns it
  auto* form = new gloox::Tag( feature, "x", gloox::XMLNS, gloox::XMLNS_X_DATA );      // each one is owned by its parent
  form->addAttribute( "type", "submit" );
  auto* field = new gloox::Tag( form, "field", "var", "stream-method" );
  new gloox::Tag( field, "value", gloox::XMLNS_IBB );
  return feature;
}

} // namespace

InBandFactory::InBandFactory( gloox::ClientBase& client )
  : m_client( client ),
    m_manager( nullptr, false ),
    m_socks5( nullptr, nullptr ),
    m_profile( &client, this, &m_manager, &m_socks5 ),
    m_choice( nullptr, inBandChosen() )
{
}

std::unique_ptr<gloox::InBandBytestream> InBandFactory::make( const gloox::JID& local, const gloox::JID& peer, const std::string& sid )
{
  m_made = nullptr;
  m_profile.handleSIRequestResult( peer, local, sid, m_choice );

  // What was chosen is what was made; in-band is the only kind this profile can make of that answer.
  std::unique_ptr<gloox::InBandBytestream> made( dynamic_cast<gloox::InBandBytestream*>( m_made ) );
  if( made )
  {
    m_client.removeIqHandler( made.get(), gloox::ExtIBB );
    m_client.removeMessageHandler( made.get() );
  }
  return made;
}

} // namespace simultiple::airlock
