// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fuzz/stanza/roundtrips.h"

#include <gloox-si-multiple/simultiple.h>

#include "fuzz/support/require.h"
#include "protocol/ibb.h"
#include "protocol/s5b.h"
#include "protocol/sianswer.h"
#include "protocol/sioffer.h"
#include "protocol/xml.h"
#include "support/stanza.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace simultiple::fuzz
{

namespace
{

using Methods = std::vector<std::string>;

/// @return An `iq` with this payload as the other side's parser makes it.
std::unique_ptr<gloox::Tag> overTheWire( const gloox::Tag& payload, const char* type = "set" )
{
  auto iq = test::parse( "<iq type='" + std::string( type ) + "' id='q'>" + payload.xml() + "</iq>" );
  require( iq && iq->children().size() == 1, "what we write is one well-formed element" );
  return iq;
}

const gloox::Tag& payloadOf( const gloox::Tag& iq ) { return *iq.children().front(); }

/// What may stand in a `<value/>` (XSD-4) and is not changed on its way.
bool sendable( const Methods& methods )
{
  return std::all_of( methods.begin(), methods.end(), []( const std::string& method )
                      { return protocol::xmlText( method ) && method.find_first_of( " \t\r\n" ) == std::string::npos; } );
}

bool plain( const std::string& text ) { return protocol::xmlText( text ) && text.find_first_of( "\t\r\n" ) == std::string::npos; }

} // namespace

void listRoundTrip( const gloox::Tag& element )
{
  const SIMultiple list( &element );
  if( !list.valid() )
    return;
  const std::unique_ptr<gloox::Tag> tag( list.tag() );
  const auto iq = overTheWire( *tag );
  const SIMultiple again( &payloadOf( *iq ) );
  require( again.valid(), "XSD-1: the element is what it was" );
  require( !sendable( list.methods() ) || again.methods() == list.methods(), "XSD-6: the list is what it was" );
  auto at = list.methods().begin();
  for( const auto& method : again.methods() )
  {
    at = std::find( at, list.methods().end(), method );
    require( at != list.methods().end(), "XSD-6: nothing is added, and the order stays" );
  }
}

void offerRoundTrip( const gloox::Tag& si )
{
  const auto head = protocol::readOfferHead( si );
  const auto read = protocol::readOfferForm( si, std::string() );
  const auto* form = std::get_if<protocol::OfferForm>( &read );
  if( !form || form->methods.empty() || !sendable( form->methods ) || !plain( head.sid ) || !plain( head.profile ) )
    return;
  protocol::OfferContent content;
  content.sid = head.sid;
  content.profile = head.profile;
  content.mimeType = form->mimeType;
  content.methods = form->methods;
  content.multiple = form->multiple;
  const auto iq = overTheWire( *protocol::buildOffer( content ) );
  const auto* found = protocol::findSi( *iq );
  require( found == &payloadOf( *iq ), "W-1: it is an offer" );
  const auto headAgain = protocol::readOfferHead( *found );
  require( headAgain.sid == head.sid && headAgain.profile == head.profile, "W-1: sid and profile are what they were" );
  const auto again = protocol::readOfferForm( *found, std::string() );
  const auto* formAgain = std::get_if<protocol::OfferForm>( &again );
  require( formAgain && formAgain->methods == form->methods && formAgain->multiple == form->multiple && !formAgain->listMulti, "W-1: the form is what it was" );
  require( formAgain->mimeType == form->mimeType, "W-1: the type is what it was" );
}

void answerRoundTrip( const gloox::Tag& iq )
{
  protocol::AnswerContext context;
  context.offered = { gloox::XMLNS_BYTESTREAMS, gloox::XMLNS_IBB };
  context.multiple = true;
  const auto answer = protocol::readAnswer( iq, context );
  if( !answer.accepted )
    return;
  const bool list = answer.dialect == Dialect::SiMultiple;
  const auto si = list ? protocol::buildListAnswer( answer.methods, nullptr ) : protocol::buildFormAnswer( answer.methods, nullptr );
  const auto again = protocol::readAnswer( *overTheWire( *si, "result" ), context );
  require( again.accepted && again.methods == answer.methods, "W-2 to W-4: the list is what it was" );
  const auto dialect = list ? Dialect::SiMultiple : answer.methods.size() > 1 ? Dialect::Smack : Dialect::Plain;
  require( again.dialect == dialect, "W-2 to W-4: the dialect is what it was" );
}

void refusalRoundTrip( const gloox::Tag& iq )
{
  const auto read = protocol::readError( iq );
  require( !read.describe().empty(), "an error can be described" );
  if( read.condition.empty() || !protocol::xmlText( read.condition ) || read.condition.find( ':' ) != std::string::npos )
    return;
  const protocol::StanzaError error{ "cancel", read.condition, read.siCondition, gloox::XMLNS_SI, read.text };
  const auto again = protocol::readError( *overTheWire( *error.tag(), "error" ) );
  require( again.condition == read.condition && again.siCondition == read.siCondition, "the error is what it was" );
  require( again.offerCause() == read.offerCause() && again.peerUnreachable() == read.peerUnreachable(), "the error means what it meant" );
}

void queryRoundTrip( const gloox::Tag& element )
{
  const auto query = protocol::readQuery( element );
  const bool carried = plain( query.sid ) && std::all_of( query.hosts.begin(), query.hosts.end(), []( const protocol::StreamHost& host )
                                                          { return plain( host.rawJid ) && plain( host.host ); } );
  if( !carried )
    return;
  const auto iq = overTheWire( *protocol::buildQuery( query.sid, query.hosts ) );
  const auto again = protocol::readQuery( payloadOf( *iq ) );
  require( again.tcp && again.sid == query.sid && again.hosts.size() == query.hosts.size(), "W-9: the query is what it was" );
  for( std::size_t i = 0; i < query.hosts.size(); ++i )
  {
    const auto& a = query.hosts[i];
    const auto& b = again.hosts[i];
    require( a.jid == b.jid && a.rawJid == b.rawJid && a.host == b.host && a.port == b.port, "W-9: the streamhosts are what they were" );
  }
}

void blocksRoundTrip( const gloox::Tag& element )
{
  const auto read = protocol::readOpen( element, 16384 );
  if( const auto* open = std::get_if<protocol::Open>( &read ) )
  {
    const auto iq = overTheWire( *protocol::buildOpen( "sid", open->blockSize ) );
    const auto again = protocol::readOpen( payloadOf( *iq ), 16384 );
    require( open->blockSize >= 1 && open->blockSize <= 16384, "W-17: the block size has bounds" );
    require( std::holds_alternative<protocol::Open>( again ) && std::get<protocol::Open>( again ).blockSize == open->blockSize, "W-17: the open is what it was" );
  }

  const auto data = protocol::readData( "7", element.cdata(), 7, 4096 );
  if( const auto* block = std::get_if<std::string>( &data ) )
  {
    require( block->size() <= 4096, "IBB-8: a block has its size" );
    const auto iq = overTheWire( *protocol::buildData( "sid", 7, *block ) );
    const auto& tag = payloadOf( *iq );
    const auto again = protocol::readData( protocol::attribute( tag, "seq" ).value_or( "" ), tag.cdata(), 7, 4096 );
    require( std::holds_alternative<std::string>( again ) && std::get<std::string>( again ) == *block, "W-21: the block is what it was" );
  }
}

} // namespace simultiple::fuzz
