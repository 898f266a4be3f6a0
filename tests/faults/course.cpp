// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "faults/course.h"

#include "faults/scarcity.h"
#include "session/plugin.h"
#include "support/catch2.h"
#include "support/harness.h"
#include "support/sockets.h"

#include <gloox/gloox.h>

#include <poll.h>

#include <algorithm>

namespace simultiple::test
{

using namespace std::chrono_literals;
using Whose = Scarcity::Here::Whose;

namespace
{

constexpr std::size_t Size = 20000;   // five blocks in-band, so that the window counts
constexpr int MostSteps = 1000;
const std::string ProxyJid = "proxy.capulet.example";

std::string bytes()
{
  std::string text;
  for( std::size_t i = 0; text.size() < Size; ++i )
    text += std::to_string( i ) + " ";
  text.resize( Size );
  return text;
}

/// The payload of a stanza, as a word.
std::string wordOf( const std::string& xml )
{
  for( const char* word : { "streamhost-used", "streamhost ", "activate", "<open", "<data", "<close", "si-multiple", "<si", "<error" } )
    if( xml.find( word ) != std::string::npos )
      return word;
  return attribute( xml, "type" );
}

} // namespace

/// Hosts that are neither of the two.
class Hosts final
{
  public:
    ManualClock clock{};
    net::EventLoop loop{ clock };
    ScriptedHost proxy{ loop };
    net::Fd nobody = boundSocket();
};

const char* wayText( Way way )
{
  switch( way )
  {
    case Way::Direct: return "direct";
    case Way::Tentative: return "tentative";
    case Way::Proxied: return "proxied";
    case Way::InBand: return "in-band";
    case Way::Fallback: return "fallback";
  }
  return "";
}

Course::Course( Way way, const Tune& tune ) : m_way( way ), m_payload( bytes() )
{
  m_hosts = std::make_unique<Hosts>();
  m_pair = std::make_unique<Pair>( [&]( Options& sender, Options& receiver )
  {
    const bool listens = way == Way::Direct || way == Way::Tentative;
    sender.listen.enabled = listens;
    if( way == Way::Direct || way == Way::Proxied )
      sender.methods = { gloox::XMLNS_BYTESTREAMS };
    if( way == Way::InBand )
      sender.methods = { gloox::XMLNS_IBB };
    if( way == Way::Proxied )
      sender.proxies.known = { { gloox::JID( ProxyJid ), "127.0.0.1", m_hosts->proxy.port() } };
    if( way == Way::Fallback )
      sender.proxies.known = { { gloox::JID( ProxyJid ), "127.0.0.1", portOf( m_hosts->nobody ) } };
    if( tune )
      tune( sender, receiver );
  } );
  if( way == Way::Proxied )
    m_pair->hub.serveProxy( ProxyJid, "127.0.0.1", m_hosts->proxy.port() );
  m_pair->hub.setFilter( [this]( std::string& xml )
  {
    m_said.push_back( wordOf( xml ) );
    return true;
  } );

  juliet().onOffer = Bot::OnOffer::Wait;   // decide() does
  m_pair->settle();
}

Course::~Course() = default;

void Course::begin()
{
  const Scarcity::Here here( Whose::All );
  m_sid = romeo().offer( Juliet );
}

void Course::work( Bot& bot )
{
  const Scarcity::Here here( Whose::All );
  bot.manager.process();
}

/// What the two programs do by themselves.
void Course::decide()
{
  const Scarcity::Here here( Whose::All );
  if( m_decided < juliet().offers.size() )
    (void)juliet().profile->accept( juliet().offers[m_decided++] );
  for( auto* bot : { &romeo(), &juliet() } )
    for( const auto& stream : bot->streams )
    {
      const bool sends = bot == &romeo();
      if( sends && stream->isOpen() && stream->bytesSent() + stream->bytesQueued() == 0 && stream->send( m_payload ) )
        continue;
      if( sends && stream->isOpen() && stream->bytesSent() == m_payload.size() )
        stream->close();
    }
}

bool Course::wait()
{
  std::vector<pollfd> descriptors{ { m_hosts->loop.descriptor(), POLLIN, 0 } };
  for( const auto* bot : { &romeo(), &juliet() } )
    for( const auto& one : bot->manager.pollDescriptors() )
      descriptors.push_back( { one.fd, one.events, 0 } );
  return ::poll( descriptors.data(), descriptors.size(), 3 ) > 0;
}

bool Course::step()
{
  ++m_steps;
  if( m_pair->hub.waiting() > 0 )
  {
    const Scarcity::Here here( Whose::CalledBack );
    m_pair->hub.step();
    return true;
  }
  const auto due = []( const Bot& bot )
  {
    const auto next = bot.manager.nextDeadline();
    return next && next->count() == 0;
  };
  const bool moved = due( romeo() ) || due( juliet() ) || wait();
  work( romeo() );
  work( juliet() );
  while( m_hosts->loop.runReady() || m_hosts->loop.runAlarms() )
  {
  }
  const auto opens = romeo().opens + juliet().opens;
  decide();
  return moved || m_pair->hub.waiting() > 0 || opens != romeo().opens + juliet().opens || m_decided < juliet().offers.size();
}

bool Course::walk( int steps )
{
  int idle = 0;
  for( int i = 0; i < steps; ++i )
  {
    idle = step() ? 0 : idle + 1;
    if( idle == 3 )
      return false;
  }
  return true;
}

bool Course::over() const { return romeo().manager.sessions() == 0 && juliet().manager.sessions() == 0; }

void Course::finish()
{
  const auto all = [this]
  {
    for( int i = 0; i < MostSteps && step(); ++i )
    {
    }
  };
  all();
  for( int i = 0; i < 40 && !over(); ++i )
  {
    if( romeo().manager.sessions() == 0 )
      m_hosts->proxy.close();   // as a proxy does that has lost one of its two sides
    m_pair->clock->advance( i < 20 ? 10s : 10min );
    all();
  }
}

void Course::checkEnds() const
{
  for( const auto* bot : { &romeo(), &juliet() } )
  {
    CHECK( bot->manager.sessions() == 0 );
    CHECK( bot->ends.size() <= 1 );
    CHECK( bot->opens <= 1 );
  }
  CHECK( romeo().ends.size() == ( m_sid.empty() ? 0U : 1U ) );
  CHECK( juliet().ends.size() == juliet().offers.size() );
  const bool well = romeo().cause() == "closed-local" && juliet().cause() == "closed-remote";
  if( well && m_way != Way::Proxied )
    CHECK( arrived() );
}

void Course::checkNothingLeft() const
{
  for( auto* bot : { &romeo(), &juliet() } )
  {
    CHECK( bot->manager.sessions() == 0 );
    CHECK( bot->manager.listenPort() == 0 );
    CHECK( bot->manager.pollDescriptors().size() == 1 );
  }
}

void Course::again()
{
  for( auto* bot : { &romeo(), &juliet() } )
  {
    bot->ends.clear();
    bot->streams.clear();
    bot->received.clear();
    bot->opens = 0;
  }
  juliet().offers.clear();
  m_decided = 0;
  m_said.clear();
  begin();
  INFO( romeo().problem );
  REQUIRE_FALSE( m_sid.empty() );
  finish();
  INFO( where() );
  checkEnds();
  CHECK( ( arrived() || m_way == Way::Proxied ) );
}

std::string Course::where() const
{
  std::string text = std::string( wayText( m_way ) ) + ":";
  for( const auto& word : m_said )
    text += " " + word;
  for( const auto* bot : { &romeo(), &juliet() } )
    text += " | " + ( bot->ends.empty() ? std::string( "-" ) : bot->cause() + " (" + bot->ends.back().text + ")" );
  return text;
}

} // namespace simultiple::test
