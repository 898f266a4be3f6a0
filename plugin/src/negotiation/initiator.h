// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/timeouts.h>

#include <cstddef>
#include <string>
#include <vector>

namespace simultiple::negotiation
{

/**
 * The sender's machine of PROTOCOL 3.1: *offer, list, try, next, open*. Pure: an event goes in, what to do comes out, in
 * order. It knows methods by name only; what a method does while it is being opened is the method's own affair
 * (socks5offer.h and inbandoffer.h hold the rows ST-S-15 to ST-S-33).
 *
 * state \ event | listReceived      | refused  | methodOpened    | methodFailed          | cancel     | timer
 * --------------+-------------------+----------+-----------------+-----------------------+------------+-------------------
 * Idle          | -                 | -        | -               | -                     | -          | -
 * Offering      | Trying 3, Ended 4 | Ended 5  | -               | -                     | Ended 8    | SOffer: Ended 7
 * Choosing      | -                 | -        | -               | -                     | Ended 35   | SNext: Trying 9-13
 * Trying        | -                 | -        | Open 15,27,29,34| next 18-34, Ended 14  | Ended 35   | STotal: Ended
 * Open          | -                 | -        | -               | -                     | Closing 37 | -
 * Closing       | -                 | -        | -               | -                     | -          | -
 * Ended         | late: CLS-4  41   | -        | -        NEG-12 | -              NEG-12 | -          | -
 */
class Initiator final
{
  public:
    enum class State { Idle, Offering, Choosing, Trying, Open, Closing, Ended };

    struct Action
    {
      enum class Do
      {
        SendOffer,      ///< W-1.
        StartTimer,     ///< @a timer
        StopTimer,      ///< @a timer
        StartMethod,    ///< Open @a method (NEG-1).
        AbandonMethod,  ///< NEG-5: undo everything of the current method @a method. Always before the next StartMethod.
        ReportFailure,  ///< GEN-11: @a method failed for @a reason.
        Commit,         ///< NEG-10: the stream of @a method is *the* stream.
        NeverMind,      ///< CLS-4: best-effort W-24, its answer ignored.
        CloseStream,    ///< CLS-1: send what is queued, then close.
        AbortStream,    ///< Close at once.
        End             ///< @a cause, @a reason. Exactly once; all timers stop, a tombstone stays.
      };
      Do what;
      Timer timer = Timer::SOffer;
      std::string method{};
      std::string reason{};
      Cause cause = Cause::ClosedLocal;
    };
    using Actions = std::vector<Action>;

    /** @param delayNext T-S-NEXT is not zero: wait for it between two methods (NEG-6). */
    explicit Initiator( bool delayNext = false ) : m_delayNext( delayNext ) {}

    /** ST-S-1. */
    [[nodiscard]] Actions offer();

    /**
     * ST-S-3, or in Ended ST-S-41 (CLS-4).
     * @param methods The cleaned-up list; never empty in Offering.
     * @param hasInBand Whether IBB was in the list, before anything was cut: then CLS-4 and CLS-5 send W-24.
     */
    [[nodiscard]] Actions listReceived( const std::vector<std::string>& methods, bool hasInBand );

    /** ST-S-4, ST-S-5: an answer that means the end. @param accepted The peer thinks it has accepted (CLS-4). */
    [[nodiscard]] Actions refused( Cause cause, const std::string& text, bool acceptedWithInBand = false );

    /** ST-S-15, 23, 27, 29, 34: the current method is connected. Ignored unless @a method is the current one. */
    [[nodiscard]] Actions methodOpened( const std::string& method );

    /**
     * ST-S-18 to 34: the current method failed.
     * @param peerUnreachable NEG-7: do not try another.
     */
    [[nodiscard]] Actions methodFailed( const std::string& method, const std::string& reason, bool peerUnreachable );

    /** ST-S-8, ST-S-35, ST-S-37: the application gives up (@a abort) or closes the open stream. */
    [[nodiscard]] Actions cancel( bool abort );

    /** ST-S-38 to ST-S-40: the committed stream is over. In Closing the cause is always ClosedLocal. */
    [[nodiscard]] Actions streamEnded( Cause cause, const std::string& text );

    /** CLS-7. @param streamSurvives The committed stream does not need the XMPP connection. */
    [[nodiscard]] Actions disconnected( bool streamSurvives );

    /** CLS-8: the peer's presence went away. Matters in Offering only. */
    [[nodiscard]] Actions peerUnavailable();

    /** T-S-OFFER, T-S-NEXT, T-S-TOTAL. Anything else, and a stale one, is ignored (TMO-6). */
    [[nodiscard]] Actions timer( Timer timer );

    [[nodiscard]] State state() const noexcept { return m_state; }

    /** @return The method being tried or committed to; empty otherwise. */
    [[nodiscard]] const std::string& method() const noexcept { return m_method; }

    /** @return Whether nothing follows the current method in the list. */
    [[nodiscard]] bool onLastMethod() const noexcept { return m_next >= m_list.size(); }

  private:
    Actions tryNext( Actions actions );
    Actions lateAnswer( bool hasInBand );
    Actions stop( Cause cause, const std::string& text );
    Actions end( Actions actions, Cause cause, const std::string& text );
    void abandon( Actions& actions );

    State m_state = State::Idle;
    std::vector<std::string> m_list{};
    std::size_t m_next = 0;       ///< Index of the method after the current one.
    std::string m_method{};
    std::string m_reasons{};      ///< NEG-6: why each one failed, for the end.
    bool m_delayNext;
    bool m_hasInBand = false;
    bool m_awaitsLate = false;    ///< CLS-4, SI-23: the offer died unanswered; its first answer may still come.
};

} // namespace simultiple::negotiation
