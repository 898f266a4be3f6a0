// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/prototypes.h"

#include "airlock/inbandfactory.h"
#include "airlock/plaintag.h"

#include <gloox/clientbase.h>
#include <gloox/inbandbytestream.h>
#include <gloox/iqhandler.h>
#include <gloox/socks5bytestreammanager.h>
#include <gloox/tag.h>

#include <algorithm>

namespace simultiple::airlock
{

namespace
{

/// Keeps a copy of what gloox attaches to a stanza.
class Sampler final : public gloox::IqHandler
{
  public:
    Sampler( gloox::ClientBase& client, int type ) : m_client( client ), m_type( type ) { client.registerIqHandler( this, type ); }
    ~Sampler() override { m_client.removeIqHandler( this, m_type ); }
    Sampler( const Sampler& ) = delete;
    Sampler& operator=( const Sampler& ) = delete;

    [[nodiscard]] std::unique_ptr<gloox::StanzaExtension> sample( const std::string& element, const std::string& ns )
    {
      gloox::Tag iq( "iq", "type", "set" );
      iq.addAttribute( "from", "a@sample.invalid/a" );
      iq.addAttribute( "id", "sample" );
      auto* child = new gloox::Tag( &iq, element, "sid", "sample" ); // its parent owns it
      child->setXmlns( ns );
      m_client.handleTag( &iq );
      return std::move( m_sample );
    }

  private:
    bool handleIq( const gloox::IQ& iq ) override
    {
      if( const gloox::StanzaExtension* attached = iq.findExtension( m_type ) )
        m_sample.reset( attached->clone() );
      return true;
    }
    void handleIqID( const gloox::IQ&, int ) override {}

    gloox::ClientBase& m_client;
    int m_type;
    std::unique_ptr<gloox::StanzaExtension> m_sample{};
};

} // namespace

Prototypes::Prototypes( gloox::ClientBase& inner, InBandFactory& factory )
{
  // Their constructors register gloox's types with the client, where the answers to our objects' requests need them, too.
  const gloox::SOCKS5BytestreamManager manager( &inner, nullptr );
  const auto stream = factory.make( gloox::JID( "a@sample.invalid/a" ), gloox::JID( "b@sample.invalid/b" ), "sample" );

  m_query = Sampler( inner, gloox::ExtS5BQuery ).sample( "query", gloox::XMLNS_BYTESTREAMS );
  m_inBand = Sampler( inner, gloox::ExtIBB ).sample( "open", gloox::XMLNS_IBB );
}

namespace
{

/// Whether gloox's classes understand it as it stands.
bool isPlain( const gloox::Tag& element )
{
  const auto& attributes = element.attributes();
  return element.children().empty() && element.prefix().empty() && element.hasAttribute( gloox::XMLNS )
         && std::all_of( attributes.begin(), attributes.end(),
                         []( const gloox::Tag::Attribute* a ) { return a->prefix().empty(); } );
}

} // namespace

std::unique_ptr<gloox::StanzaExtension> Prototypes::make( const gloox::Tag& element ) const
{
  const gloox::StanzaExtension* prototype = element.name() == "query" ? m_query.get() : m_inBand.get();
  if( !prototype )
    return nullptr;
  return std::unique_ptr<gloox::StanzaExtension>( isPlain( element ) ? prototype->newInstance( &element )
                                                                     : prototype->newInstance( plainCopy( element ).get() ) );
}

} // namespace simultiple::airlock
