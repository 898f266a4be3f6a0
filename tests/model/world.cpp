// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "model/world.h"

namespace simultiple::model
{

namespace
{

class Packer final
{
  public:
    template<typename T>
    void put( T value, unsigned bits )
    {
      const auto number = static_cast<std::uint64_t>( value );
      if( m_bits + bits > 64 )
      {
        ++m_word;
        m_bits = 0;
      }
      key.at( m_word ) |= number << m_bits;
      rule( bits == 64 || number >> bits == 0, "the key has room for every value" );
      m_bits += bits;
    }
    void put( const Side& side )
    {
      put( side.timers, TimerCount );
      put( side.online, 1 );
      put( side.ends, 1 );
      put( side.cause, 5 );
      put( side.wrote, 1 );
      put( side.wroteOn, 3 );
      put( side.got, 1 );
      put( side.inBandOpen, 1 );
      put( side.unacknowledged, 1 );
      put( side.closing, 1 );
      put( side.closeSent, 1 );
    }
    void put( const Pipe& pipe )
    {
      std::uint64_t count = 0;
      for( const Stanza& stanza : pipe )
      {
        put( stanza.say, 5 );
        put( stanza.id, 3 );
        ++count;
      }
      put( count, 4 );
    }
    void put( const Link& link )
    {
      put( link.s, 3 );
      put( link.r, 3 );
      put( link.toS, 1 );
      put( link.toR, 1 );
      put( link.broken, 1 );
    }

    Key key{};

  private:
    std::size_t m_word = 0;
    unsigned m_bits = 0;
};

} // namespace

// What is used within one step only (ready, winner, received) is left out.
Key keyOf( const World& w )
{
  Packer packer;
  packer.put( w.toS );
  packer.put( w.toR );
  packer.put( w.s );
  packer.put( w.r );
  packer.put( w.direct );
  packer.put( w.proxied );
  packer.put( w.other );
  packer.put( w.activation, 2 );
  packer.put( w.activationWaits, 1 );
  packer.put( w.activationWaits && w.activationAnswer == Say::OpenOk, 1 );
  packer.put( w.initiator.state(), 3 );
  packer.put( w.s5b ? static_cast<int>( w.s5b->state() ) : 7, 3 );
  packer.put( w.ibb ? static_cast<int>( w.ibb->state() ) : 7, 3 );
  packer.put( w.ibb ? w.ibb->blockSize() : 0, 16 );
  packer.put( w.offerPending, 1 );
  packer.put( w.openings, 3 );
  packer.put( w.queryId, 3 );
  packer.put( w.openId, 3 );
  packer.put( w.otherId, 3 );
  packer.put( w.otherOpening, 1 );
  packer.put( w.started, 2 );
  packer.put( w.registered, 1 );
  packer.put( w.committed, 3 );
  packer.put( w.neverMind, 1 );
  packer.put( w.responder.state(), 3 );
  packer.put( w.asked, 1 );
  packer.put( w.working, 3 );
  packer.put( w.usedUp, 2 );
  packer.put( w.candidate, 3 );
  packer.put( w.reportedOpen, 1 );
  packer.put( w.holding, 1 );
  packer.put( w.held, 1 );
  packer.put( w.offersAnswered, 1 );
  packer.put( w.openingsSeen, 8 );
  packer.put( w.openingsAnswered, 8 );
  return packer.key;
}

World worldOf( const Setup& setup )
{
  World world{ negotiation::Initiator( setup.delayNext ), {}, {}, {}, false, 0, 0, 0, 0, false, 0, false, Way::None, Way::None, false,
               negotiation::Responder( { setup.senderFirst, setup.expectsNothing } ) };
  return world;
}

} // namespace simultiple::model
