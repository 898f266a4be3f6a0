// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the two sides of a session tell each other beside the stream (PCU-7 to PCU-10).

#include "flow/inband_fixture.h"
#include "support/sockets.h"

using namespace simultiple;
using namespace simultiple::test;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

namespace
{

const std::string Notes = "urn:example:notes";

ProfileOptions withNotes( const std::string& ns = Notes )
{
  ProfileOptions options;
  options.noteNamespace = ns;
  return options;
}

std::unique_ptr<gloox::Tag> diskFull( const std::string& ns = Notes )
{
  auto note = std::make_unique<gloox::Tag>( "disk-full" );
  note->setXmlns( ns );
  return note;
}

std::string noteElement( const std::string& sid = Sid, const std::string& ns = Notes )
{
  return "<gone-wrong xmlns='" + ns + "' sid='" + sid + "' reason='file-changed'/>";
}

/** What the bot remembers of noteElement(). */
std::string heard( const std::string& peer, const std::string& sid = Sid )
{
  return sid + " of " + peer + ": <gone-wrong xmlns='urn:example:notes' sid='" + sid + "' reason='file-changed'/>";
}

std::function<void( NoteAnswer )> counting( int& n )
{
  return [&n]( NoteAnswer ) { ++n; };
}

} // namespace

TEST_CASE( "PCU-9, GEN-6: the offering side's note names the session, and its answer is heard once", "[notes]" )
{
  Sender romeo( {}, withNotes() );
  romeo.opened();
  romeo.client.clear();
  int answered = 0;
  auto note = diskFull();
  note->addAttribute( "sid", "another" );
  REQUIRE( romeo.bot->profile->sendNote( gloox::JID( Juliet ), romeo.sid, std::move( note ), counting( answered ) ) );
  const auto sent = romeo.sent();
  REQUIRE( sent.size() == 1 );
  const auto id = attribute( sent[0], "id" );
  CHECK( id.size() >= 16 );
  CHECK( sent[0] == "<iq to='juliet@capulet.example/balcony' from='romeo@montague.example/orchard' id='" + id + "' type='set' xmlns='jabber:client'>"
                    "<disk-full xmlns='urn:example:notes' sid='" + romeo.sid + "'/></iq>" );
  CHECK( answered == 0 );
  romeo.settle();
  CHECK( answered == 0 );

  SECTION( "a result" ) { romeo.answer( id ); }
  SECTION( "the error of a peer that knows no notes" ) { romeo.answer( id, "error", errorElement( "service-unavailable" ) ); }
  CHECK( answered == 1 );
  romeo.answer( id );
  romeo.advance( 1h );
  CHECK( answered == 1 );
  CHECK( romeo.bot->notes.empty() );
}

TEST_CASE( "PCU-9, GEN-5: nobody else can answer a note", "[notes]" )
{
  Sender romeo( {}, withNotes() );
  romeo.opened();
  romeo.client.clear();
  int answered = 0;
  REQUIRE( romeo.bot->profile->sendNote( gloox::JID( Juliet ), romeo.sid, diskFull(), counting( answered ) ) );
  const auto id = attribute( romeo.sent().at( 0 ), "id" );
  for( const auto* liar : { "mallory@montague.example/orchard", "juliet@capulet.example", "juliet@capulet.example/garden", "capulet.example" } )
    romeo.feed( fromPeer( liar, Romeo, "result", id ) );
  CHECK( answered == 0 );
  romeo.answer( id );
  CHECK( answered == 1 );
}

TEST_CASE( "PCU-9: the receiving side's note comes from the JID that was offered to", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.offered();
  int answered = 0;
  REQUIRE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  const auto sent = juliet.sent();
  REQUIRE( sent.size() == 1 );
  const auto id = attribute( sent[0], "id" );
  CHECK( sent[0] == "<iq to='romeo@montague.example/orchard' from='juliet@capulet.example/balcony' id='" + id + "' type='set' xmlns='jabber:client'>"
                    "<disk-full xmlns='urn:example:notes' sid='" + Sid + "'/></iq>" );
  juliet.answer( id );
  CHECK( answered == 1 );
}

TEST_CASE( "PCU-9, T-NOTE: a note without an answer counts as answered after two seconds", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  int answered = 0;
  REQUIRE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  const auto id = attribute( juliet.sent().at( 0 ), "id" );
  juliet.advance( 2s - 1ms );
  CHECK( answered == 0 );
  juliet.advance( 1ms );
  CHECK( answered == 1 );
  juliet.answer( id );
  CHECK( answered == 1 );
}

TEST_CASE( "PCU-9, T-NOTE: how long a note waits can be set", "[notes]" )
{
  Receiver juliet( []( Options& options ) { options.timeouts.set( Timer::Note, 5s ); }, withNotes() );
  juliet.opened();
  int answered = 0;
  REQUIRE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  juliet.advance( 5s - 1ms );
  CHECK( answered == 0 );
  juliet.advance( 1ms );
  CHECK( answered == 1 );
}

TEST_CASE( "PCU-9: when the connection is lost no note waits any longer, and none is sent", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  int answered = 0, again = 0;
  bool sentAgain = true;
  REQUIRE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), [&]( NoteAnswer )
  {
    ++answered;
    sentAgain = juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( again ) );
  } ) );
  juliet.client.dropConnection();
  CHECK( answered == 0 );   // not from inside gloox
  juliet.settle();
  CHECK( answered == 1 );
  CHECK_FALSE( sentAgain );
  juliet.advance( 1h );
  CHECK( answered == 1 );
  CHECK( again == 0 );
}

TEST_CASE( "PCU-7, PCU-9: nothing is sent without such a session or in a foreign namespace", "[notes]" )
{
  const bool known = GENERATE( true, false );
  Receiver juliet( {}, known ? withNotes() : ProfileOptions() );
  juliet.opened();
  int answered = 0;
  auto& profile = *juliet.bot->profile;
  CHECK_FALSE( profile.sendNote( gloox::JID( Romeo ), Sid + "x", diskFull(), counting( answered ) ) );
  CHECK_FALSE( profile.sendNote( gloox::JID( "romeo@montague.example/garden" ), Sid, diskFull(), counting( answered ) ) );
  CHECK_FALSE( profile.sendNote( gloox::JID( "romeo@montague.example" ), Sid, diskFull(), counting( answered ) ) );
  CHECK_FALSE( profile.sendNote( gloox::JID( Romeo ), Sid, diskFull( "urn:example:other" ), counting( answered ) ) );
  CHECK_FALSE( profile.sendNote( gloox::JID( Romeo ), Sid, diskFull( "" ), counting( answered ) ) );
  CHECK_FALSE( profile.sendNote( gloox::JID( Romeo ), Sid, nullptr, counting( answered ) ) );
  CHECK( profile.sendNote( gloox::JID( Romeo ), Sid, diskFull() ) == known );   // and without a callback
  CHECK( juliet.sent().size() == ( known ? 1u : 0u ) );
  juliet.advance( 3s );
  CHECK( answered == 0 );
}

TEST_CASE( "PCU-9: another profile of the same bot cannot speak in a session", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  SIProfileMultiple other( juliet.bot->manager, "urn:example:other-profile", *juliet.bot, withNotes() );
  REQUIRE( other.valid() );
  juliet.opened();
  CHECK_FALSE( other.sendNote( gloox::JID( Romeo ), Sid, diskFull() ) );
  CHECK( juliet.sent().empty() );
}

TEST_CASE( "PCU-10: of more than 256 notes the oldest counts as unanswered, and none is kept back", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  int oldest = 0;
  int others = 0;
  const auto send = [&]( int& answered ) { return juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ); };
  REQUIRE( send( oldest ) );
  for( int i = 1; i < 256; ++i )
    REQUIRE( send( others ) );
  juliet.advance( 0ms );
  CHECK( oldest == 0 );

  REQUIRE( send( others ) );
  CHECK( juliet.sent().size() == 257 );
  CHECK( oldest == 0 ); // not from inside the call
  juliet.advance( 0ms );
  CHECK( oldest == 1 );
  CHECK( others == 0 );

  juliet.advance( 2s );
  CHECK( oldest == 1 );
  CHECK( others == 256 );
}

TEST_CASE( "PCU-10: whoever sends notes without end in one turn is stopped", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  int answered = 0;
  for( int i = 0; i < 512; ++i )
    REQUIRE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  CHECK_FALSE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  juliet.advance( 0ms );
  CHECK( answered == 256 );
  CHECK( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
}

TEST_CASE( "PCU-8, W-36, W-37: a note of the peer's is heard and answered, by the receiving side", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  SECTION( "undecided" )
  {
    juliet.bot->onOffer = Bot::OnOffer::Wait;
    juliet.offered();
  }
  SECTION( "waiting for an opening" ) { juliet.offered(); }
  SECTION( "open" ) { juliet.opened(); }
  juliet.set( "n1", noteElement() );
  CHECK( juliet.said() == Gists{ "result n1" } );
  CHECK( juliet.bot->notes == Words{ heard( Romeo ) } );
  CHECK( juliet.bot->ends.empty() );
}

TEST_CASE( "PCU-8, W-36, W-37: a note of the peer's is heard and answered, by the offering side", "[notes]" )
{
  Sender romeo( {}, withNotes() );
  SECTION( "offered" )
  {
    romeo.sid = romeo.bot->offer( Juliet );
    romeo.settle();
  }
  SECTION( "opening" ) { romeo.accepted(); }
  SECTION( "open" ) { romeo.opened(); }
  romeo.client.clear();
  romeo.set( "n1", noteElement( romeo.sid ) );
  CHECK( romeo.said() == Gists{ "result n1" } );
  CHECK( romeo.bot->notes == Words{ heard( Juliet, romeo.sid ) } );
}

TEST_CASE( "PCU-8, GEN-7: prefix, inherited namespace and place among other children make no difference", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  SECTION( "prefix" ) { juliet.set( "n1", "<n:gone-wrong xmlns:n='urn:example:notes' sid='" + Sid + "'/>" ); }
  SECTION( "second child" ) { juliet.set( "n1", "<x xmlns='urn:example:x'/>" + noteElement() ); }
  CHECK( juliet.said() == Gists{ "result n1" } );
  CHECK( juliet.bot->notes.size() == 1 );

  // Deeper down it is nothing.
  const auto wrapped = fromPeer( Romeo, Juliet, "set", "n2", "<x xmlns='urn:example:x'>" + noteElement() + "</x>" );
  juliet.feed( wrapped );
  CHECK( juliet.client.sent() == withoutPlugin( wrapped ) );
  CHECK( juliet.bot->notes.size() == 1 );
}

TEST_CASE( "PCU-8, GEN-3, GEN-8, SEC-1: a note of somebody else or of no session reaches the bot as if we were not there", "[notes]" )
{
  const bool owns = GENERATE( false, true );
  Receiver juliet( [owns]( Options& options ) { options.ownsNamespaces = owns; }, withNotes() );
  juliet.opened();
  std::string xml;
  SECTION( "another account" ) { xml = fromPeer( "mallory@montague.example/orchard", Juliet, "set", "n1", noteElement() ); }
  SECTION( "another resource" ) { xml = fromPeer( "romeo@montague.example/garden", Juliet, "set", "n1", noteElement() ); }
  SECTION( "the bare account" ) { xml = fromPeer( "romeo@montague.example", Juliet, "set", "n1", noteElement() ); }
  SECTION( "nobody" ) { xml = withAttribute( fromPeer( Romeo, Juliet, "set", "n1", noteElement() ), "from", "" ); }
  SECTION( "another stream id" ) { xml = fromPeer( Romeo, Juliet, "set", "n1", noteElement( Sid + "x" ) ); }
  SECTION( "no stream id" ) { xml = fromPeer( Romeo, Juliet, "set", "n1", "<gone-wrong xmlns='urn:example:notes'/>" ); }
  SECTION( "an empty stream id" ) { xml = fromPeer( Romeo, Juliet, "set", "n1", noteElement( "" ) ); }
  SECTION( "another namespace" ) { xml = fromPeer( Romeo, Juliet, "set", "n1", noteElement( Sid, "urn:example:other" ) ); }
  SECTION( "a question" ) { xml = fromPeer( Romeo, Juliet, "get", "n1", noteElement() ); }
  juliet.feed( xml );
  CHECK( juliet.client.sent() == withoutPlugin( xml ) );
  CHECK( juliet.bot->notes.empty() );
  CHECK( juliet.bot->manager.sessions() == 1 );
}

TEST_CASE( "PCU-8: a note for a session of a profile with other notes, or none, is left to the bot", "[notes]" )
{
  Receiver juliet( {}, GENERATE( as<std::string>(), "", "urn:example:mine" ) == std::string() ? ProfileOptions() : withNotes( "urn:example:mine" ) );
  Bot& bot = *juliet.bot;
  SIProfileMultiple other( bot.manager, "urn:example:other-profile", bot, withNotes() );
  juliet.opened();
  const auto xml = fromPeer( Romeo, Juliet, "set", "n1", noteElement() );
  juliet.feed( xml );
  CHECK( juliet.client.sent() == withoutPlugin( xml ) );
  bot.profile->cancel( gloox::JID( Romeo ), Sid );   // a tombstone is as particular
  juliet.settle();
  juliet.client.clear();
  juliet.feed( xml );
  CHECK( juliet.client.sent() == withoutPlugin( xml ) );
  CHECK( bot.notes.empty() );
}

TEST_CASE( "PCU-8, CLS-9, GEN-10: after the end a note is answered and not heard, until T-TOMB", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  juliet.set( "c1", closeElement() );
  REQUIRE( juliet.bot->ends.size() == 1 );
  juliet.client.clear();
  juliet.advance( 300s - 1ms );
  juliet.set( "n1", noteElement() );
  CHECK( juliet.said() == Gists{ "result n1" } );
  juliet.feed( fromPeer( "mallory@montague.example/orchard", Juliet, "set", "n2", noteElement() ) );
  CHECK( juliet.client.sent() == withoutPlugin( fromPeer( "mallory@montague.example/orchard", Juliet, "set", "n2", noteElement() ) ) );
  juliet.client.clear();

  int answered = 0;
  REQUIRE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  CHECK( attribute( juliet.sent().at( 0 ), "from" ) == Juliet );
  juliet.answer( attribute( juliet.sent().at( 0 ), "id" ) );
  CHECK( answered == 1 );
  juliet.client.clear();

  juliet.advance( 1ms );
  const auto late = fromPeer( Romeo, Juliet, "set", "n3", noteElement() );
  juliet.feed( late );
  CHECK( juliet.client.sent() == withoutPlugin( late ) );
  CHECK_FALSE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  CHECK( juliet.bot->notes.empty() );
}

TEST_CASE( "PCU-8, CLS-9, GEN-10: so it is for a bot that makes a turn while it hears of the end", "[notes]" )
{
  const bool late = GENERATE( false, true );
  CAPTURE( late );
  auto options = withNotes();
  options.notesAfterEnd = late;
  options.aliveNote = "alive";
  Receiver juliet( {}, options );
  juliet.opened();
  juliet.client.clear();
  juliet.bot->onEnd = [&]( const Bot::End& )
  {
    juliet.client.feed( fromPeer( Romeo, Juliet, "set", "n1", noteElement() ) );
    juliet.client.feed( fromPeer( Romeo, Juliet, "set", "n2", "<alive xmlns='urn:example:notes' sid='" + Sid + "'/>" ) );
    juliet.bot->manager.process();
  };
  juliet.set( "c1", closeElement() );
  REQUIRE( juliet.bot->ends.size() == 1 );
  CHECK( juliet.said() == Gists{ "result c1", "result n1", "error n2 cancel item-not-found" } );
  CHECK( juliet.bot->notes == ( late ? Words{ heard( Romeo ) } : Words{} ) );
}

TEST_CASE( "PCU-8: what arrives before an in-band close is heard before the end, in its order", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  Words order;
  juliet.bot->onData = [&]( MultiBytestream&, const std::string& data ) { order.push_back( data ); };
  juliet.bot->onNote = [&]( const std::string& ) { order.emplace_back( "note" ); };
  juliet.bot->onEnd = [&]( const Bot::End& ) { order.emplace_back( "end" ); };
  // All in one piece off the wire.
  juliet.feed( fromPeer( Romeo, Juliet, "set", "d1", dataElement( 0, "YQ==" ) ) + fromPeer( Romeo, Juliet, "set", "n1", noteElement() )
               + fromPeer( Romeo, Juliet, "set", "d2", dataElement( 1, "Yg==" ) ) + fromPeer( Romeo, Juliet, "set", "c1", closeElement() )
               + fromPeer( Romeo, Juliet, "set", "n2", noteElement() ) );
  CHECK( order == Words{ "a", "note", "b", "end" } );
  CHECK( juliet.said() == Gists{ "result d1", "result n1", "result d2", "result c1", "result n2" } );
}

TEST_CASE( "PCU-8: a note that arrives together with its offer is heard", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.feed( offerOf( { Ibb } ) + fromPeer( Romeo, Juliet, "set", "n1", noteElement() ) );
  CHECK( juliet.bot->notes == Words{ heard( Romeo ) } );
  CHECK( juliet.said() == Gists{ "result q7d1f03a9", "result n1" } );

  // Together with an offer that comes to nothing it is answered for nobody (GEN-1).
  juliet.feed( offerOf( { "urn:example:no-such-method" }, "sid2", true, "o2" ) + fromPeer( Romeo, Juliet, "set", "n2", noteElement( "sid2" ) ) );
  CHECK( juliet.said() == Gists{ "error o2 cancel bad-request no-valid-streams", "error n2 cancel item-not-found" } );
  CHECK( juliet.bot->notes.size() == 1 );
}

TEST_CASE( "PCU-10: the ninth note of a session is refused, and the limit reported once", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  for( int i = 1; i <= 8; ++i )
  {
    juliet.set( "n" + std::to_string( i ), noteElement() );
    CHECK( juliet.said() == Gists{ "result n" + std::to_string( i ) } );
  }
  CHECK( juliet.bot->limits.empty() );
  juliet.set( "n9", noteElement() );
  juliet.set( "n10", noteElement() );
  CHECK( juliet.said() == Gists{ "error n9 wait policy-violation", "error n10 wait policy-violation" } );
  CHECK( juliet.bot->notes.size() == 8 );
  CHECK( juliet.bot->limits == Words{ Romeo + ": notes" } );
  juliet.advance( 119s );   // one minute is over
  juliet.set( "n11", noteElement() );
  juliet.set( "n12", noteElement() );
  juliet.advance( 1s );
  juliet.set( "n13", noteElement() );
  CHECK( juliet.said() == Gists{ "result n11", "error n12 wait policy-violation", "result n13" } );
  CHECK( juliet.bot->notes.size() == 10 );
  CHECK( juliet.bot->limits.size() == 1 );
  juliet.set( "d1", dataElement( 0, "YQ==" ) );   // and the stream does not mind
  CHECK( juliet.bot->received == "a" );
}

TEST_CASE( "PCU-8: the application may end the session from inside handleNote()", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  juliet.bot->onNote = [&]( const std::string& ) { juliet.bot->profile->cancel( gloox::JID( Romeo ), Sid ); };
  juliet.set( "n1", noteElement() );
  CHECK( juliet.said() == Gists{ "result n1", "set close" } );
  CHECK( juliet.bot->ends.size() == 1 );
}

TEST_CASE( "PCU-9: on a SOCKS5 stream the reason is heard before the end, when the closer waits for the answer", "[notes][s5b]" )
{
  Pair pair( {}, withNotes() );
  const auto sid = pair.romeo->offer( Juliet );
  REQUIRE( pair.until( [&] { return pair.romeo->opens == 1 && pair.juliet->opens == 1; } ) );
  REQUIRE( pair.juliet->stream().method() == gloox::XMLNS_BYTESTREAMS );
  std::size_t notesAtEnd = 0;
  pair.romeo->onEnd = [&]( const Bot::End& ) { notesAtEnd = pair.romeo->notes.size(); };
  REQUIRE( pair.juliet->profile->sendNote( gloox::JID( Romeo ), sid, diskFull(), [&]( NoteAnswer ) { pair.juliet->stream().abort(); } ) );
  REQUIRE( pair.until( [&] { return !pair.romeo->ends.empty() && !pair.juliet->ends.empty(); } ) );
  CHECK( notesAtEnd == 1 );
}

TEST_CASE( "PCU-6, PCU-9: notes go on in a session of a retired profile; a profile that is gone hears of no answer", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  juliet.bot->profile->retire();
  juliet.client.clear();
  juliet.set( "n1", noteElement() );
  CHECK( juliet.said() == Gists{ "result n1" } );
  CHECK( juliet.bot->notes.size() == 1 );
  int answered = 0;
  REQUIRE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  juliet.bot->profile.reset();
  juliet.advance( 3s );
  CHECK( answered == 0 );
}

TEST_CASE( "PCU-9: after disable() a note still gets its answer, and the plugin leaves only then", "[notes]" )
{
  Receiver juliet( {}, withNotes() );
  juliet.opened();
  int answered = 0;
  REQUIRE( juliet.bot->profile->sendNote( gloox::JID( Romeo ), Sid, diskFull(), counting( answered ) ) );
  const auto id = attribute( juliet.sent().at( 0 ), "id" );
  juliet.bot->manager.disable();
  juliet.set( "c1", closeElement() );
  REQUIRE( juliet.bot->manager.sessions() == 0 );
  CHECK( answered == 0 );
  juliet.answer( id );
  CHECK( answered == 1 );

  // Nothing is left of the session.
  juliet.client.clear();
  const auto late = fromPeer( Romeo, Juliet, "set", "n3", noteElement() );
  juliet.feed( late );
  CHECK( juliet.client.sent() == withoutPlugin( late ) );
}

TEST_CASE( "PCU-7: a namespace that has another meaning cannot be the notes'", "[notes]" )
{
  ScriptedClient client( Juliet );
  Bot bot( client.client(), testOptions( std::make_shared<ManualClock>() ) );
  const auto ns = GENERATE( as<std::string>(), "http://jabber.org/protocol/si", "http://telepathy.freedesktop.org/xmpp/si-multiple",
                            "http://jabber.org/protocol/bytestreams", "http://jabber.org/protocol/ibb" );
  const SIProfileMultiple profile( bot.manager, "urn:example:profile", bot, withNotes( ns ) );
  CHECK_FALSE( profile.valid() );
  // One that two profiles share is theirs by the session.
  const SIProfileMultiple one( bot.manager, "urn:example:one", bot, withNotes() ), two( bot.manager, "urn:example:two", bot, withNotes() );
  CHECK( one.valid() );
  CHECK( two.valid() );
}

TEST_CASE( "PCU-8, PCU-9, CMP-1, CMP-2: a component's notes come from the session's JID and go to it", "[notes][component]" )
{
  const std::string one = "a@svc.example/x", other = "b@svc.example/x";
  const auto clock = std::make_shared<ManualClock>();
  ScriptedComponent entity( "svc.example" );
  Bot bot( entity.base(), testOptions( clock ), withNotes() );
  bot.manager.enable();
  const auto feed = [&]( const std::string& xml )
  {
    entity.feed( xml );
    settle( { &bot }, {} );
  };
  feed( offerOf( { Ibb }, Sid, true, "o1", Romeo, one ) );
  feed( offerOf( { Ibb }, "sid2", true, "o2", Romeo, other ) );
  entity.clear();

  feed( fromPeer( Romeo, other, "set", "n1", noteElement( "sid2" ) ) );
  REQUIRE( entity.stanzas().size() == 1 );
  CHECK( attribute( entity.stanzas()[0], "from" ) == other );
  CHECK( attribute( entity.stanzas()[0], "type" ) == "result" );
  CHECK( bot.notes == Words{ heard( Romeo, "sid2" ) } );
  entity.clear();

  // To the other of our JIDs it is a note for no session.
  feed( fromPeer( Romeo, one, "set", "n2", noteElement( "sid2" ) ) );
  CHECK( attribute( entity.stanzas().at( 0 ), "type" ) == "error" );
  CHECK( bot.notes.size() == 1 );
  entity.clear();

  const bool ended = GENERATE( false, true );
  if( ended )
    bot.profile->cancel( gloox::JID( Romeo ), "sid2" );
  entity.clear();
  REQUIRE( bot.profile->sendNote( gloox::JID( Romeo ), "sid2", diskFull() ) );
  REQUIRE( bot.profile->sendNote( gloox::JID( Romeo ), Sid, diskFull() ) );
  REQUIRE( entity.stanzas().size() == 2 );
  CHECK( attribute( entity.stanzas()[0], "from" ) == other );
  CHECK( attribute( entity.stanzas()[1], "from" ) == one );
  settle( { &bot }, {} );
}

TEST_CASE( "PCU-9: the answer tells whether the peer knows notes", "[notes]" )
{
  Sender romeo( {}, withNotes() );
  romeo.opened();
  romeo.client.clear();
  std::vector<NoteAnswer> answers;
  REQUIRE( romeo.bot->profile->sendNote( gloox::JID( Juliet ), romeo.sid, diskFull(), [&]( NoteAnswer answer ) { answers.push_back( answer ); } ) );
  const auto id = attribute( romeo.sent().at( 0 ), "id" );
  auto expected = NoteAnswer::Unheard;
  SECTION( "a result" )
  {
    romeo.answer( id );
    expected = NoteAnswer::Understood;
  }
  SECTION( "an error" )
  {
    romeo.answer( id, "error", errorElement( "service-unavailable" ) );
    expected = NoteAnswer::Refused;
  }
  SECTION( "an error that means more than that" )
  {
    romeo.answer( id, "error", errorElement( GENERATE( "recipient-unavailable", "item-not-found" ) ) );
    expected = NoteAnswer::Gone;
  }
  SECTION( "silence" ) { romeo.advance( 3s ); }
  SECTION( "the connection is lost" )
  {
    romeo.client.dropConnection();
    romeo.settle();
  }
  CHECK( ( answers == std::vector<NoteAnswer>{ expected } ) );
}

TEST_CASE( "PCU-8, CLS-9: who asks whether the session is there does not take its tombstone for it", "[notes]" )
{
  auto options = withNotes();
  options.aliveNote = "alive";
  options.notesAfterEnd = GENERATE( false, true );
  Receiver juliet( {}, options );
  const std::string question = "<alive xmlns='" + Notes + "' sid='" + Sid + "'/>";
  juliet.opened();
  juliet.set( "n1", question );
  CHECK( juliet.said() == Gists{ "result n1" } );
  CHECK( juliet.bot->notes.size() == 1 );
  juliet.bot->profile->cancel( gloox::JID( Romeo ), Sid );
  juliet.settle();
  (void)juliet.said();
  juliet.set( "n2", question );
  juliet.set( "n3", noteElement() );
  CHECK( juliet.said() == Gists{ "error n2 cancel item-not-found", "result n3" } );
  CHECK( juliet.bot->notes.size() == ( options.notesAfterEnd ? 2u : 1u ) );
  juliet.bot->profile.reset();
  (void)juliet.said();
  juliet.set( "n4", question );
  CHECK( juliet.said() == Gists{ "error n4 cancel item-not-found" } );
}

TEST_CASE( "PCU-8, PCU-10: a profile that wants it hears up to eight notes in all, also after the end", "[notes]" )
{
  const bool late = GENERATE( true, false );
  auto options = withNotes();
  options.notesAfterEnd = late;
  Receiver juliet( {}, options );
  juliet.offered();
  juliet.feed( fromPeer( Romeo, Juliet, "set", "n0", noteElement() ) );
  REQUIRE( juliet.bot->notes.size() == 1 );
  REQUIRE( juliet.bot->profile->cancel( gloox::JID( Romeo ), Sid ) );
  juliet.settle();
  REQUIRE( juliet.bot->ends.size() == 1 );
  juliet.client.clear();
  for( int i = 1; i <= 9; ++i )
    juliet.feed( fromPeer( Romeo, Juliet, "set", "n" + std::to_string( i ), noteElement() ) );
  CHECK( juliet.sent( "type='result'" ).size() == 9 );
  CHECK( juliet.bot->notes.size() == ( late ? 8u : 1u ) );
  juliet.bot->profile.reset(); // nobody is left to hear it
  juliet.feed( fromPeer( Romeo, Juliet, "set", "n10", noteElement() ) );
  CHECK( juliet.bot->notes.size() == ( late ? 8u : 1u ) );
}
