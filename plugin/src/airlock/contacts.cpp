// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/contacts.h>

#include "protocol/xml.h"

#include <gloox/client.h>
#include <gloox/iq.h>
#include <gloox/jid.h>
#include <gloox/stanzaextension.h>
#include <gloox/tag.h>

#include <exception>
#include <set>
#include <string>
#include <utility>

namespace simultiple
{

using gloox::Tag;

const int Contacts::DefaultType = gloox::ExtUser + 1097;

struct Contacts::Known
{
  std::set<std::string> jids{}; ///< Bare.
};

/// gloox shows it each roster and each push before any handler sees them; it leaves nothing in the stanza. In a stanza of ours it asks for the roster.
class Contacts::Reader final : public gloox::StanzaExtension
{
  public:
    Reader( gloox::Client& client, std::shared_ptr<Known> known, int type ) : StanzaExtension( type ), m_client( client ), m_known( std::move( known ) ) {}

    [[nodiscard]] const std::string& filterString() const override
    {
      static const std::string filter = "/iq/query[@xmlns='" + gloox::XMLNS_ROSTER + "']";
      return filter;
    }

    [[nodiscard]] gloox::StanzaExtension* newInstance( const Tag* query ) const override
    {
      try
      {
        if( isOurs( *query->parent() ) )
          read( *query->parent(), *query );
      }
      catch( const std::exception& )
      {
        m_known->jids.clear(); // whom this may have been to remove is not to stay
      }
      return nullptr;
    }

    [[nodiscard]] Tag* tag() const override { return protocol::element( "query", gloox::XMLNS_ROSTER ).release(); } // the caller owns it
    [[nodiscard]] gloox::StanzaExtension* clone() const override { return new Reader( m_client, m_known, extensionType() ); } // likewise

  private:
    // RFC 6121, 2.1.6: from our account, or from nobody. iq.from() is empty for some JIDs of others, too, and may be `x:from='…'` (GLOOX-NOTES 3f, 3h).
    [[nodiscard]] bool isOurs( const Tag& iq ) const
    {
      const auto from = protocol::attribute( iq, "from" );
      return !from || gloox::JID( *from ).bare() == m_client.jid().bare();
    }

    void read( const Tag& iq, const Tag& query ) const
    {
      const std::string type = protocol::attribute( iq, "type" ).value_or( "" );
      const bool whole = type == "result";
      if( !whole && type != "set" )
        return;
      std::set<std::string> jids;
      if( !whole )
        jids.swap( m_known->jids );
      for( const Tag* const item : query.findChildren( "item" ) )
      {
        const gloox::JID jid( protocol::attribute( *item, "jid" ).value_or( "" ) );
        if( protocol::attribute( *item, "subscription" ) == "remove" )
          jids.erase( jid.bare() );
        else if( jid )
          jids.insert( jid.bare() );
      }
      m_known->jids.swap( jids );
    }

    gloox::Client& m_client;
    std::shared_ptr<Known> m_known;
};

Contacts::Contacts( gloox::Client& client, int type ) : m_client( client ), m_known( std::make_shared<Known>() )
{
  client.registerStanzaExtension( new Reader( client, m_known, type ) ); // gloox owns it
}

Contacts::~Contacts() = default;

bool Contacts::contain( const gloox::JID& peer ) const
{
  const std::string& bare = peer.bare();
  return m_known->jids.count( bare ) > 0 || ( !bare.empty() && bare == m_client.jid().bare() );
}

void Contacts::fill()
{
  if( !m_client.authed() )
    return;
  gloox::IQ iq( gloox::IQ::Get, gloox::JID(), m_client.getID() );
  iq.addExtension( new Reader( m_client, m_known, DefaultType ) ); // the IQ owns it; its number matters only in what is received
  m_client.send( iq );
}

} // namespace simultiple
