// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any stanza that gloox's parser lets through, given to the gate and to every reader of section 1: none may crash, what they promise must hold, and
// what was read is written so that it is read alike.

#include <gloox-si-multiple/simultiple.h>

#include "airlock/classify.h"
#include "fuzz/stanza/roundtrips.h"
#include "fuzz/support/require.h"
#include "protocol/s5b.h"
#include "protocol/sianswer.h"
#include "protocol/sioffer.h"
#include "protocol/xml.h"
#include "support/stanza.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace
{

using namespace simultiple;
using fuzz::require;

bool distinct( const std::vector<std::string>& list )
{
  return std::set<std::string>( list.begin(), list.end() ).size() == list.size();
}

// GEN-7: what the gate takes for ours is a direct child of the stanza, and for us.
void passGate( const gloox::Tag& stanza )
{
  static const gloox::JID own( "juliet@capulet.example/balcony" ), domain( "gateway.example" );
  static const std::set<std::string> namespaces{ "urn:example:notes" };
  for( const bool component : { false, true } )
  {
    airlock::JidCache jids;
    const airlock::Whereabouts bot{ component ? domain : own, jids, component, &namespaces };
    for( const auto& found : { airlock::classifyIq( stanza, bot ), airlock::classifyMessage( stanza, bot ) } )
    {
      if( !found )
        continue;
      const auto& children = stanza.children();
      require( std::find( children.begin(), children.end(), found->element ) != children.end(), "GEN-7: only direct children count" );
      require( component ? found->local.server() == domain.server() : found->local.bare() == own.bare(), "CMP-6: only what is for us" );
      require( found->peer || stanza.findAttribute( "from" ).empty(), "SEC-1: whoever speaks has an address" );
      require( found->kind != airlock::StanzaKind::Application || !found->sid.empty(), "PCU-8: a note names its session" );
      require( !found->message || found->kind == airlock::StanzaKind::IbbData, "IBB-14: only data come by message" );
    }
  }
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
      require( answer.accepted == !answer.methods.empty(), "an acceptance lists something" );
      require( distinct( answer.methods ), "SIM-25: no method twice" );
      require( fallback || answer.methods.size() <= 1, "SIM-28: one method if that is all we want" );
      for( const auto& method : answer.methods )
        require( std::find( context.offered.begin(), context.offered.end(), method ) != context.offered.end(), "SIM-23: only what was offered" );
    }
  fuzz::answerRoundTrip( iq );
}

void readElement( const gloox::Tag& element )
{
  const auto form = protocol::readOfferForm( element, std::string() );
  if( const auto* offer = std::get_if<protocol::OfferForm>( &form ) )
    require( distinct( offer->methods ) && offer->methods.size() <= protocol::MaxOptions, "SEC-12: the options have a bound" );
  const auto head = protocol::readOfferHead( element );
  require( protocol::characters( head.sid ) <= protocol::MaxSid && protocol::characters( head.profile ) <= protocol::MaxProfile, "SEC-12: sid and profile have bounds" );
  fuzz::offerRoundTrip( element );

  const SIMultiple list( &element );
  require( list.methods().size() <= SIMultiple::MaxValues && distinct( list.methods() ), "SIM-25, SIM-26: the list has a bound" );
  fuzz::listRoundTrip( element );

  const auto query = protocol::readQuery( element );
  require( query.hosts.size() <= 32, "SEC-9: the streamhosts have a bound" );
  for( const auto& host : query.hosts )
    require( host.jid && !host.host.empty() && host.port > 0, "section 1.6: a streamhost is whole" );
  fuzz::queryRoundTrip( element );
  fuzz::blocksRoundTrip( element );
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput( const std::uint8_t* data, std::size_t size )
{
  const auto stanza = test::parse( std::string( data, data + size ) );
  if( !stanza )
    return 0;
  passGate( *stanza );
  readAnswer( *stanza );
  fuzz::refusalRoundTrip( *stanza );
  const auto used = protocol::readStreamHostUsed( *stanza, "sid" );
  require( static_cast<bool>( used.jid ) == used.problem.empty(), "S5B-8: an answer names a host, or is bogus" );
  (void)protocol::readProxyAddress( *stanza );
  readElement( *stanza );
  for( const auto* child : stanza->children() )
    readElement( *child );
  return 0;
}
