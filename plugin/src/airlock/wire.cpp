// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "airlock/wire.h"

#include <gloox/parser.h>
#include <gloox/stanzaextension.h>
#include <gloox/taghandler.h>

namespace simultiple::airlock
{

namespace
{

class Keeper final : public gloox::TagHandler
{
  public:
    void handleTag( gloox::Tag* tag ) override { m_kept.reset( tag ? tag->clone() : nullptr ); } // the parser keeps its own
    [[nodiscard]] std::unique_ptr<gloox::Tag> take() { return std::move( m_kept ); }

  private:
    std::unique_ptr<gloox::Tag> m_kept{};
};

/// tag() of an extension gives away what it returns, and an `iq` of ours is printed once: no copy is made.
class Payload final : public gloox::StanzaExtension
{
  public:
    explicit Payload( std::unique_ptr<gloox::Tag> tag ) : StanzaExtension( gloox::ExtUser ), m_tag( std::move( tag ) ) { m_valid = true; }

    const std::string& filterString() const override { return gloox::EmptyString; }
    gloox::StanzaExtension* newInstance( const gloox::Tag* ) const override { return nullptr; }
    gloox::Tag* tag() const override { return m_tag.release(); } // gloox owns it
    gloox::StanzaExtension* clone() const override
    {
      return new Payload( std::unique_ptr<gloox::Tag>( m_tag ? m_tag->clone() : nullptr ) ); // the caller owns it
    }

  private:
    mutable std::unique_ptr<gloox::Tag> m_tag;
};

} // namespace

std::unique_ptr<gloox::Tag> parseOutgoing( const std::string& xml )
{
  Keeper keeper;
  gloox::Parser parser( &keeper );
  std::string markup = xml;
  return parser.feed( markup ) >= 0 ? nullptr : keeper.take();
}

void addPayload( gloox::IQ& iq, std::unique_ptr<gloox::Tag> payload )
{
  if( payload )
    iq.addExtension( new Payload( std::move( payload ) ) ); // gloox owns it
}

} // namespace simultiple::airlock
