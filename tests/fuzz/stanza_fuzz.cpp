// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any stanza that gloox's parser lets through, given to every reader of section 1: none may crash, and what they promise must hold.

#include <gloox-si-multiple/simultiple.h>

#include "protocol/base64.h"
#include "protocol/ibb.h"
#include "protocol/s5b.h"
#include "protocol/sianswer.h"
#include "protocol/sioffer.h"
#include "protocol/xml.h"
#include "support/stanza.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace
{

using namespace simultiple;

void require( bool holds )
{
  if( !holds )
    std::abort();
}

bool distinct( const std::vector<std::string>& list )
{
  return std::set<std::string>( list.begin(), list.end() ).size() == list.size();
}

void readAnswer( const gloox::Tag& iq )
{
  protocol::AnswerContext context;
  context.offered = { gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB };
  for( const bool multiple : { true, false } )
    for( const bool fallback : { true, false } )
    {
      context.multiple = multiple;
      context.fallback = fallback;
      const auto answer = protocol::readAnswer( iq, context );
      require( answer.accepted == !answer.methods.empty() );
      require( distinct( answer.methods ) );
      require( fallback || answer.methods.size() <= 1 );   // SIM-28
      for( const auto& method : answer.methods )           // SIM-23
        require( std::find( context.offered.begin(), context.offered.end(), method ) != context.offered.end() );
    }
}

void readElement( const gloox::Tag& element )
{
  const auto form = protocol::readOfferForm( element, std::string() );
  if( const auto* offer = std::get_if<protocol::OfferForm>( &form ) )
    require( distinct( offer->methods ) && offer->methods.size() <= protocol::MaxOptions );
  (void)protocol::readOfferHead( element );

  const SIMultiple list( &element );
  require( list.methods().size() <= SIMultiple::MaxValues && distinct( list.methods() ) );

  const auto query = protocol::readQuery( element );
  require( query.hosts.size() <= 32 );
  for( const auto& host : query.hosts )
    require( host.jid && !host.host.empty() && host.port > 0 );

  (void)protocol::readOpen( element, 16384 );
  const auto data = protocol::readData( protocol::attribute( element, "seq" ).value_or( "" ), element.cdata(), 7, 4096 );
  if( const auto* block = std::get_if<std::string>( &data ) )
    require( block->size() <= 4096 && protocol::decodeBase64( protocol::encodeBase64( *block ) ) == *block );
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput( const std::uint8_t* data, std::size_t size )
{
  const auto stanza = test::parse( std::string( data, data + size ) );
  if( !stanza )
    return 0;
  readAnswer( *stanza );
  (void)protocol::readError( *stanza );
  (void)protocol::readStreamHostUsed( *stanza, "sid" );
  (void)protocol::readProxyAddress( *stanza );
  readElement( *stanza );
  for( const auto* child : stanza->children() )
    readElement( *child );
  return 0;
}
