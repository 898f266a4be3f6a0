// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/client.h>
#include <gloox/jid.h>
#include <gloox/stanzaextension.h>
#include <gloox/tag.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace sample
{

/**
 * Whom our own server calls a contact: what a bot may ask before it trusts somebody. It stands alone, to be copied as it is.
 *
 * The obvious `rosterManager()->getRosterItem( peer )` is no answer: gloox 1.0.24 takes roster pushes from anybody (RFC 6121, 2.1.6, says whose to
 * ignore), so a stranger who knows our full JID enters himself. Here only what comes from our own account counts.
 *
 * Make it before the client connects: what it knows comes with the login, and is complete in onConnect(). It may go at any time.
 */
class Contacts final
{
  public:
    /** @param extensionType Has to be free on this client. */
    explicit Contacts( gloox::Client& client, int extensionType = gloox::ExtUser + 1097 )
    {
      client.registerStanzaExtension( new Reader( client, m_jids, extensionType ) ); // gloox owns it
    }

    /** @return Whether the bare JID of @a peer is in the roster. */
    [[nodiscard]] bool contain( const gloox::JID& peer ) const { return m_jids->count( peer.bare() ) > 0; }

  private:
    using Jids = std::set<std::string>;

    /// Is shown each roster and each push before any handler is, and leaves nothing in the stanza.
    class Reader final : public gloox::StanzaExtension
    {
      public:
        Reader( gloox::Client& client, std::shared_ptr<Jids> jids, int extensionType )
          : StanzaExtension( extensionType ), m_client( client ), m_jids( std::move( jids ) )
        {
        }

        [[nodiscard]] const std::string& filterString() const override
        {
          static const std::string filter = "/iq/query[@xmlns='" + gloox::XMLNS_ROSTER + "']";
          return filter;
        }

        gloox::StanzaExtension* newInstance( const gloox::Tag* query ) const override
        {
          const gloox::Tag* const iq = query->parent();
          if( !isOurs( *iq ) )
            return nullptr;
          if( iq->findAttribute( "type" ) == "result" )
            m_jids->clear(); // the roster as a whole
          else if( iq->findAttribute( "type" ) != "set" )
            return nullptr;
          for( const gloox::Tag* const item : query->findChildren( "item" ) )
          {
            const gloox::JID jid( item->findAttribute( "jid" ) );
            if( item->findAttribute( "subscription" ) == "remove" )
              m_jids->erase( jid.bare() );
            else if( jid )
              m_jids->insert( jid.bare() );
          }
          return nullptr;
        }

        [[nodiscard]] gloox::Tag* tag() const override { return nullptr; }
        [[nodiscard]] gloox::StanzaExtension* clone() const override { return new Reader( m_client, m_jids, extensionType() ); } // the caller owns it

      private:
        // iq.from() would be empty for a JID that only gloox finds invalid, and for `x:from='…'` beside the true one it may be that. So neither may say
        // anything else.
        [[nodiscard]] bool isOurs( const gloox::Tag& iq ) const
        {
          const auto& attributes = iq.attributes();
          return std::all_of( attributes.begin(), attributes.end(), [this]( const gloox::Tag::Attribute* one )
                              { return one->name() != "from" || gloox::JID( one->value() ).bare() == m_client.jid().bare(); } );
        }

        gloox::Client& m_client;
        std::shared_ptr<Jids> m_jids;
    };

    std::shared_ptr<Jids> m_jids = std::make_shared<Jids>();
};

} // namespace sample
