// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every sender's list, every receiver's list, what breaks, and in which words the answer comes: who wins, or why nobody does.

#include "flow/inband_fixture.h"
#include "support/sockets.h"

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;

namespace
{

using List = std::vector<std::string>;

enum class Words { SiMultiple, SenderPlain, ReceiverPlain, Smack };
enum class Breaks { Nothing, S5bFiltered, S5bSilentHost, S5bBrokenHandshake, S5bAnswerLost, S5bAnswerLate, IbbRefused, IbbAnswerLost, Both };

bool has( const List& list, const std::string& what ) { return std::find( list.begin(), list.end(), what ) != list.end(); }

/// What the rules say, in a few lines of their own.
struct Expected
{
  List list{};             ///< What is tried, in order
  std::string winner{};
  std::string cause{};     ///< At the sender, if nobody wins
};

Expected expected( const List& sender, const List& receiver, Words words, Breaks breaks )
{
  Expected e;
  for( const auto& method : receiver )   // SIM-12: the receiver's order
    if( has( sender, method ) )
      e.list.push_back( method );
  if( e.list.empty() )
  {
    e.cause = "no-valid-streams";
    return e;
  }
  const bool multiple = words == Words::SiMultiple && sender.size() > 1;
  if( !multiple && words != Words::Smack && e.list.size() > 1 && e.list[0] == Ibb )
    e.list.resize( 1 );                  // SI-6; a plain S5B keeps IBB as last resort (INT-9)
  const auto works = [breaks]( const std::string& method )
  {
    if( breaks == Breaks::Nothing )
      return true;
    const bool ibbBroken = breaks == Breaks::IbbRefused || breaks == Breaks::IbbAnswerLost || breaks == Breaks::Both;
    const bool s5bBroken = breaks == Breaks::Both || !ibbBroken;
    return method == Ibb ? !ibbBroken : !s5bBroken;
  };
  const auto winner = std::find_if( e.list.begin(), e.list.end(), works );
  if( winner == e.list.end() )
    e.cause = "methods-exhausted";
  else
    e.winner = *winner;
  return e;
}

/// W-2 or W-3 of ours in the words of Smack (W-4): the values go into the form.
std::string smackWords( const std::string& xml, const List& list )
{
  const auto begin = xml.find( "<si-multiple" );
  const auto feature = xml.find( "<feature" );
  const auto from = begin != std::string::npos ? begin : feature;
  const auto end = xml.find( "</si>" );
  if( from == std::string::npos || end == std::string::npos )
    return xml;
  std::string values;
  for( const auto& method : list )
    values += "<value>" + method + "</value>";
  return xml.substr( 0, from ) + "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'><field var='stream-method'>" + values
         + "</field></x></feature>" + xml.substr( end );
}

void replaceAll( std::string& text, const std::string& what, const std::string& by )
{
  for( std::size_t at = 0; ( at = text.find( what, at ) ) != std::string::npos; at += by.size() )
    text.replace( at, what.size(), by );
}

/// The wire between the two, with what breaks on it.
struct Breaker
{
  Breaker( Pair& p, Words w, Breaks b, List l, std::uint16_t brokenPort, std::uint16_t silentPort )
    : pair( p ), words( w ), breaks( b ), list( std::move( l ) ), broken( brokenPort ), silent( silentPort )
  {
    pair.hub.setFilter( [this]( std::string& xml ) { return pass( xml ); } );
  }

  bool pass( std::string& xml )
  {
    const bool answer = attribute( xml, "from" ) == Juliet && attribute( xml, "type" ) != "set";
    const auto id = attribute( xml, "id" );
    if( words == Words::Smack && answer && xml.find( "<si " ) != std::string::npos && attribute( xml, "type" ) == "result" )
      xml = smackWords( xml, list );
    if( xml.find( "<streamhost " ) != std::string::npos )
    {
      query = id;
      if( breaks == Breaks::S5bBrokenHandshake )
        movePort( xml, broken );
      if( breaks == Breaks::S5bSilentHost )
        movePort( xml, silent );
    }
    if( xml.find( "<open " ) != std::string::npos )
    {
      open = id;
      if( breaks == Breaks::IbbRefused || breaks == Breaks::Both )
      {
        replaceAll( xml, "block-size='4096'", "block-size='0'" );   // as if R could not read it: bad-request
        return true;
      }
    }
    if( answer && !query.empty() && id == query && ( breaks == Breaks::S5bAnswerLost || breaks == Breaks::S5bAnswerLate ) )
    {
      late = xml;
      return false;
    }
    return !( answer && !open.empty() && id == open && breaks == Breaks::IbbAnswerLost );
  }

  static void movePort( std::string& xml, std::uint16_t port )
  {
    const auto at = xml.find( "port='" ) + 6;
    xml.replace( at, xml.find( '\'', at ) - at, std::to_string( port ) );
  }

  Pair& pair;
  Words words;
  Breaks breaks;
  List list;
  std::uint16_t broken;
  std::uint16_t silent;
  std::string query{};
  std::string open{};
  std::string late{};
};

} // namespace

TEST_CASE( "NEG-1, NEG-4, NEG-6, SIM-12: each combination of lists, fault and dialect has the winner or the cause that the rules say", "[matrix]" )
{
  const auto sender = GENERATE( List{ S5b, Ibb }, List{ Ibb, S5b }, List{ S5b }, List{ Ibb } );
  const auto receiver = GENERATE( List{ S5b, Ibb }, List{ Ibb, S5b }, List{ S5b }, List{ Ibb } );
  const auto words = GENERATE( Words::SiMultiple, Words::SenderPlain, Words::ReceiverPlain, Words::Smack );
  for( const auto breaks : { Breaks::Nothing, Breaks::S5bFiltered, Breaks::S5bSilentHost, Breaks::S5bBrokenHandshake, Breaks::S5bAnswerLost, Breaks::S5bAnswerLate,
                             Breaks::IbbRefused, Breaks::IbbAnswerLost, Breaks::Both } )
  {
    const auto what = expected( sender, receiver, words, breaks );
    INFO( "sender " << sender.size() << " first " << sender[0] << ", receiver " << receiver.size() << " first " << receiver[0] << ", words "
                    << static_cast<int>( words ) << ", breaks " << static_cast<int>( breaks ) << ", winner " << what.winner << ", cause " << what.cause );
    Clock realTime;
    net::EventLoop hostLoop( realTime );
    HostScript script;
    script.choice = std::string( "\x05\xff", 2 );
    script.closeAfterChoice = true;
    ScriptedHost broken( hostLoop, script );
    HostScript mute;
    mute.choice.reset();
    ScriptedHost silent( hostLoop, mute );

    Pair pair( [&]( Options& s, Options& r )
    {
      s.methods = sender;
      r.methods = receiver;
      s.siMultiple = words != Words::SenderPlain;
      r.siMultiple = words != Words::ReceiverPlain;
      if( breaks == Breaks::S5bFiltered || breaks == Breaks::Both )
        r.streamHosts.allow.clear();
    } );
    Breaker wire( pair, words, breaks, what.list, broken.port(), silent.port() );
    const auto settle = [&]
    {
      test::settle( { pair.romeo.get(), pair.juliet.get() }, [&]
      {
        const bool ready = hostLoop.runReady();
        return pair.hub.run() > 0 || ready;
      } );
    };
    const auto sid = pair.romeo->offer( Juliet );
    REQUIRE_FALSE( sid.empty() );
    settle();

    // Time passes in small steps, so that each wait may end as it would.
    for( int i = 0; i < 60 && pair.romeo->opens == 0 && pair.romeo->ends.empty(); ++i )
    {
      pair.clock->advance( 4s );
      settle();
      if( breaks == Breaks::S5bAnswerLate && !wire.open.empty() && !wire.late.empty() )
      {
        pair.hub.setFilter( {} );   // NEG-12: late answers are dropped
        pair.hub.inject( std::exchange( wire.late, {} ) );
        settle();
      }
    }

    if( !what.winner.empty() )
    {
      REQUIRE( pair.romeo->opens == 1 );
      CHECK( pair.romeo->stream().method() == what.winner );
      REQUIRE( pair.juliet->opens == 1 );
      CHECK( pair.juliet->stream().method() == what.winner );
      const std::string there( 20000, 'r' ), back( 15000, 'j' );
      CHECK( pair.romeo->stream().send( there ) );
      CHECK( pair.juliet->stream().send( back ) );
      CHECK( runUntil( { pair.romeo.get(), pair.juliet.get() }, [&] { return pair.hub.run() > 0; },
                       [&] { return pair.juliet->received.size() >= there.size() && pair.romeo->received.size() >= back.size(); } ) );
      CHECK( ( pair.juliet->received == there ) );
      CHECK( ( pair.romeo->received == back ) );
      pair.romeo->stream().close();
      settle();
      CHECK( pair.romeo->cause() == "closed-local" );
      CHECK( pair.juliet->cause() == "closed-remote" );
    }
    else
    {
      CHECK( pair.romeo->opens == 0 );
      REQUIRE( pair.romeo->ends.size() == 1 );
      CHECK( pair.romeo->cause() == what.cause );
    }
    for( int i = 0; i < 3; ++i )
    {
      pair.clock->advance( 10min );
      settle();
    }
    CHECK( pair.romeo->ends.size() == 1 );
    CHECK( pair.juliet->ends.size() == ( what.cause == "no-valid-streams" ? 0 : 1 ) );
    CHECK( pair.romeo->manager.sessions() == 0 );
    CHECK( pair.juliet->manager.sessions() == 0 );
  }
}
