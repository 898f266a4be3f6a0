// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/stanza.h"

#include "support/harness.h"

#include <gloox/parser.h>
#include <gloox/taghandler.h>

#include <vector>

namespace simultiple::test
{

namespace
{

/// Takes what the parser has made.
class Catcher final : public gloox::TagHandler
{
  public:
    void handleTag( gloox::Tag* tag ) override
    {
      const Harness ours;
      if( tag )
        m_caught.emplace_back( tag );
    }

    std::vector<std::unique_ptr<gloox::Tag>> take() { return std::move( m_caught ); }

  private:
    std::vector<std::unique_ptr<gloox::Tag>> m_caught{};
};

} // namespace

std::unique_ptr<gloox::Tag> parse( const std::string& xml )
{
  return parseInPieces( xml, xml.size() + 1 );
}

std::unique_ptr<gloox::Tag> parseInPieces( const std::string& xml, std::size_t piece )
{
  Catcher catcher;
  gloox::Parser parser( &catcher, false );   // false: what it makes is the handler's
  std::string text = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
  if( parser.feed( text ) != -1 )
    return nullptr;

  for( std::size_t at = 0; at < xml.size(); at += piece )
  {
    text = xml.substr( at, piece );
    if( parser.feed( text ) != -1 )
      return nullptr;
  }

  auto caught = catcher.take();
  return caught.size() == 2 ? std::move( caught[1] ) : nullptr;   // the stream's own start is the first
}

} // namespace simultiple::test
