// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "model/setup.h"
#include "negotiation/inbandoffer.h"
#include "negotiation/initiator.h"
#include "negotiation/responder.h"
#include "negotiation/socks5offer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace simultiple::model
{

/// A promise of the rulebook that does not hold.
struct Broken : std::runtime_error
{
  using std::runtime_error::runtime_error;
};

inline void rule( bool holds, const char* what )
{
  if( !holds )
    throw Broken( what );
}

/// What can carry a stream. Each exists once at most: NEG-2 lets S open a method once.
enum class Way : std::uint8_t { None, Direct, Proxied, Other, InBand };   // Other: an application's method

enum class Say : std::uint8_t
{
  Offer, Accept, Decline,                                 // W-1, W-2 to W-4, W-5
  Query, UsedSelf, UsedProxy,                             // W-9, W-10, W-11
  Open, OpenLarge, OpenOk, TooLarge,                      // W-17 (with a block-size that R takes, or not), W-18, W-19
  OpenOther, OtherOk,                                     // the same of an application's method
  NotFound, NotAcceptable, Unreachable,                   // errors to these; the last is the server's
  Data, DataOk, DataUnexpected, DataGone,                 // W-21, its result, unexpected-request, item-not-found (or the server's word)
  Close, CloseOk, CloseError                              // W-24
};

struct Stanza
{
  Say say = Say::Offer;
  std::uint8_t id = 0;   ///< Of an opening, and of the answer to it
};

/// One direction of XMPP: keeps the order.
class Pipe final
{
  public:
    static constexpr std::size_t Most = 8;

    void push( Stanza stanza )
    {
      rule( m_size < Most, "queues are bounded" );
      m_stanzas[m_size++] = stanza;
    }
    Stanza pop()
    {
      const Stanza head = m_stanzas[0];
      for( std::size_t i = 1; i < m_size; ++i )
        m_stanzas[i - 1] = m_stanzas[i];
      --m_size;
      return head;
    }
    void clear() { m_size = 0; }
    [[nodiscard]] bool empty() const { return m_size == 0; }
    [[nodiscard]] const Stanza* begin() const { return m_stanzas.data(); }
    [[nodiscard]] const Stanza* end() const { return m_stanzas.data() + m_size; }

  private:
    std::array<Stanza, Most> m_stanzas{};
    std::uint8_t m_size = 0;
};

/// A socket as its owner sees it.
enum class End : std::uint8_t { None, Dialing, Up, Shut, Dead };   // Shut: its owner closed it. Dead: it saw the end, or an error, or never connected.

/// A TCP connection between S and R, perhaps with a proxy in its middle.
struct Link
{
  End s = End::None;
  End r = End::None;
  bool toS = false;     ///< Payload on its way to S (there is never more than one portion)
  bool toR = false;
  bool broken = false;  ///< Cut: each end will see an error, or never anything if it is still dialing.
};

/// What both roles have.
struct Side
{
  std::uint32_t timers = 0;        ///< The Timers that run, as bits
  bool online = true;
  std::uint8_t ends = 0;           ///< GEN-10
  Cause cause = Cause::ClosedLocal;
  bool wrote = false;              ///< The application wrote its portion,
  Way wroteOn = Way::None;         ///< which went out here.
  bool got = false;                ///< The other's portion reached the application.
  bool inBandOpen = false;         ///< The in-band channel: it is there,
  bool unacknowledged = false;     ///< its portion waits for an acknowledgement,
  bool closing = false;            ///< close() was called (of any channel),
  bool closeSent = false;          ///< its W-24 is out.
};

/// Everything: both machines, the methods they work on, and what is between them. A value: exploring means copying it.
struct World
{
  // ---- S
  negotiation::Initiator initiator;
  std::optional<negotiation::Socks5Offer> s5b{};
  std::optional<negotiation::InBandOffer> ibb{};
  Side s{};
  bool offerPending = false;
  std::uint8_t openings = 0;       ///< Sent so far; the newest one's id
  std::uint8_t queryId = 0;
  std::uint8_t openId = 0;
  std::uint8_t otherId = 0;
  bool otherOpening = false;       ///< Other-Open
  std::uint8_t started = 0;        ///< Methods
  bool registered = false;         ///< The DST.ADDR, with S's server (S5B-1)
  Way ready = Way::None;           ///< Handed over by the method, about to be committed to
  Way committed = Way::None;
  bool neverMind = false;          ///< CLS-4

  // ---- R
  negotiation::Responder responder;
  Side r{};
  bool asked = false;
  std::uint8_t received = 0;       ///< Id of the opening just received
  std::uint8_t working = 0;        ///< Id of the opening being worked on
  std::uint8_t usedUp = 0;         ///< NEG-21: entries of the list that are behind
  Way winner = Way::None;          ///< Connected, about to become the candidate
  Way candidate = Way::None;
  bool reportedOpen = false;
  bool holding = false;            ///< NEG-28
  bool held = false;               ///< The portion waits for that
  std::uint8_t offersAnswered = 0;
  std::uint16_t openingsSeen = 0;  ///< Ids as bits
  std::uint16_t openingsAnswered = 0;

  // ---- between them
  Pipe toS{};
  Pipe toR{};
  Link direct{};
  Link proxied{};
  Link other{};
  enum class Activation : std::uint8_t { None, Asked, Refused, Active };
  Activation activation = Activation::None;
  Say activationAnswer = Say::Offer;      ///< W-14 or W-15, as OpenOk or NotAcceptable,
  bool activationWaits = false;           ///< while it is on its way to S.

  [[nodiscard]] const Link& link( Way way ) const { return way == Way::Direct ? direct : way == Way::Proxied ? proxied : other; }
  [[nodiscard]] Link& link( Way way ) { return way == Way::Direct ? direct : way == Way::Proxied ? proxied : other; }
  [[nodiscard]] bool sEnded() const { return initiator.state() == negotiation::Initiator::State::Ended; }
  [[nodiscard]] bool rEnded() const { return responder.state() == negotiation::Responder::State::Ended; }
};

[[nodiscard]] constexpr std::uint32_t bit( Timer timer ) { return 1U << static_cast<unsigned>( timer ); }

/// All that tells two worlds apart, packed; what the machines remember beyond it must not matter (see Explorer::checkTwins()).
using Key = std::array<std::uint64_t, 6>;
[[nodiscard]] Key keyOf( const World& world );

/** The world before S offers. */
[[nodiscard]] World worldOf( const Setup& setup );

} // namespace simultiple::model
